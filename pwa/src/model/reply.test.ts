import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf } from "./canonical.ts";
import type { Op } from "./pending.ts";
import { headOf } from "./repair.ts";
import { applyAnswer, type Known, LIMBO } from "./reply.ts";
import type { Page, SyncAnswer, SyncRequest, WireRow } from "./wire.ts";

const id = (n: number) => n.toString(16).padStart(32, "0");
const row = (n: number, rev: number, name = "甲"): WireRow => [id(n), "child", rev, { name }];

function op(seq: number, record = 1, more: Partial<Op> = {}): Op {
  return {
    seq,
    generation: 1,
    at: 0,
    clock: 1,
    contact: 0,
    schema: "",
    changes: [{ record: id(record), type: "child", base: 0, set: { name: "x" }, prev: {} }],
    ...more,
  };
}

function known(rows: Record<string, WireRow[]>, ops: Op[] = []): Known {
  return {
    generation: 1,
    epoch: "e",
    ops,
    buckets: Object.fromEntries(
      Object.entries(rows).map(([bucket, held]) => [bucket, { cursor: 5, digest: digestOf(held) }]),
    ),
    rows: new Map(
      Object.entries(rows).map(([bucket, held]) => [bucket, new Map(held.map((r) => [r[0], r]))]),
    ),
    limbo: {},
    repair: new Map(),
  };
}

/** A request that carried `count` ops from `first` on. */
function asked(first = 1, count = 0, more: Partial<SyncRequest> = {}): SyncRequest {
  const empty = { at: 0, clock: 1, contact: 0, schema: "", changes: [] };
  return {
    magic: "zoufang-sync",
    protocol: 1,
    village: "990000101201",
    device: "d",
    generation: 1,
    epoch: "e",
    now: 0,
    clock: 1,
    programme: "",
    first,
    ids: [],
    ops: Array.from({ length: count }, () => empty),
    pull: {},
    budget: 0,
    ...more,
  };
}

function page(more: Partial<Page> = {}): Page {
  return { rows: [], gone: [], cursor: 9, more: false, ...more };
}

function answer(pages: Record<string, Page>, more: Partial<SyncAnswer> = {}): SyncAnswer {
  return {
    magic: "zoufang-sync",
    protocol: 1,
    village: "990000101201",
    device: "d",
    generation: 1,
    epoch: "e",
    now: 0,
    acked: 0,
    revs: [],
    verdicts: [],
    programme: "",
    buckets: Object.keys(pages),
    pages,
    ...more,
  };
}

test("acked ops get their rev and their verdicts, in the order of the request", () => {
  const held = { seq: 2, change: 0, key: "name", verdict: "held" } as const;

  const outcome = applyAnswer(
    known({ village: [] }, [op(1), op(2), op(3)]),
    asked(1, 3),
    answer({ village: page() }, { acked: 2, revs: [11, 12], verdicts: [held] }),
    50,
  );

  assert.deepEqual(
    outcome.ops.map((each) => [each.seq, each.rev, each.verdicts?.length]),
    [
      [1, 11, 0],
      [2, 12, 1],
    ],
  );
});

test("a replayed answer changes no op a second time", () => {
  const done = op(1, 1, { rev: 11, acked_at: 1, verdicts: [], landed: true });

  assert.deepEqual(
    applyAnswer(known({}, [done]), asked(1, 1), answer({}, { acked: 1, revs: [11] }), 50).ops,
    [],
  );
});

test("a server that knows less than it told is offered the work again", () => {
  const done = [1, 2].map((seq) => op(seq, 1, { rev: 10 + seq, acked_at: 1, verdicts: [] }));

  const outcome = applyAnswer(
    known({ village: [] }, done),
    asked(3),
    answer({ village: page() }, { acked: 1 }),
    50,
  );

  assert.deepEqual(
    outcome.ops.map((each) => [each.seq, each.rev]),
    [[2, undefined]],
  );
});

test("the digest follows rows that come, change and go", () => {
  const before = known({ "grid:01": [row(1, 3), row(2, 4)] });
  const after = [row(1, 8, "乙"), row(3, 9)];

  const outcome = applyAnswer(
    before,
    asked(),
    answer({ "grid:01": page({ rows: after, gone: [id(2), id(77)], digest: digestOf(after) }) }),
    0,
  );

  assert.deepEqual(outcome.buckets["grid:01"], { cursor: 9, digest: digestOf(after) });
  assert.deepEqual(outcome.deletes, [{ bucket: "grid:01", id: id(2) }]);
  assert.deepEqual([outcome.agrees, outcome.more, outcome.mismatched], [true, false, []]);
});

test("a half-delivered bucket neither agrees nor counts as a mismatch", () => {
  const outcome = applyAnswer(
    known({ village: [] }),
    asked(),
    answer({ village: page({ rows: [row(1, 3)], more: true, cursor: 3 }) }),
    0,
  );

  assert.deepEqual([outcome.agrees, outcome.more, outcome.mismatched], [false, true, []]);
});

test("a digest that differs after a complete pull is reported, and nothing is wiped", () => {
  const outcome = applyAnswer(
    known({ village: [row(1, 3)] }),
    asked(),
    answer({ village: page({ digest: digestOf([row(2, 3)]) }) }),
    0,
  );

  assert.deepEqual([outcome.agrees, outcome.mismatched, outcome.deletes], [false, ["village"], []]);
});

test("rows of a bucket taken away go, save those with own edits under way", () => {
  const before = known({ "grid:01": [row(1, 3), row(2, 4)], village: [] }, [op(1, 2)]);

  const outcome = applyAnswer(before, asked(), answer({ village: page() }), 0);

  assert.deepEqual(outcome.deletes, [
    { bucket: "grid:01", id: id(1) },
    { bucket: "grid:01", id: id(2) },
  ]);
  assert.deepEqual(outcome.puts, [{ bucket: LIMBO, row: row(2, 4) }]);
  assert.deepEqual(Object.keys(outcome.buckets), ["village"]);
});

test("what own edits kept goes once they are acked and pulled", () => {
  const before = known({ village: [] }, [op(1, 2)]);
  before.rows = new Map([...before.rows, [LIMBO, new Map([[id(2), row(2, 4)]])]]);
  before.limbo = { [id(2)]: 0 };
  const acked = answer({ village: page() }, { acked: 1, revs: [9] });

  const early = applyAnswer(
    before,
    asked(1, 1),
    { ...acked, pages: { village: page({ cursor: 8, more: true }) } },
    0,
  );
  const late = applyAnswer(before, asked(1, 1), acked, 0);

  assert.deepEqual([early.deletes, early.limbo], [[], { [id(2)]: 0 }]);
  assert.deepEqual([late.deletes, late.limbo], [[{ bucket: LIMBO, id: id(2) }], {}]);
  assert.equal(late.ops[0]?.landed, true);
});

test("a record that moved never vanishes between two pages", () => {
  const before = known({ "grid:01": [row(1, 3)], "grid:02": [] });
  const gone = page({ gone: [id(1)], cursor: 9, digest: digestOf([]) });

  const moving = applyAnswer(
    before,
    asked(),
    answer({ "grid:01": gone, "grid:02": page({ cursor: 6, more: true }) }),
    0,
  );
  const there = applyAnswer(
    {
      ...known({ "grid:01": [], "grid:02": [] }),
      rows: new Map([[LIMBO, new Map([[id(1), row(1, 3)]])]]),
      limbo: moving.limbo,
    },
    asked(),
    answer({ "grid:01": page(), "grid:02": page({ rows: [row(1, 8)] }) }),
    0,
  );

  assert.deepEqual(moving.puts, [{ bucket: LIMBO, row: row(1, 3) }]);
  assert.deepEqual(there.puts, [{ bucket: "grid:02", row: row(1, 8) }]);
  assert.deepEqual([there.deletes, there.limbo], [[{ bucket: LIMBO, id: id(1) }], {}]);
});

test("a row that left two buckets waits for the later of the two pages", () => {
  const before = known({ "grid:01": [], "grid:02": [row(1, 6)], village: [] });
  before.rows = new Map([...before.rows, [LIMBO, new Map([[id(1), row(1, 3)]])]]);
  before.limbo = { [id(1)]: 9 };
  const pages = (cursor: number) => ({
    "grid:01": page({ cursor: 12 }),
    "grid:02": page({ gone: [id(1)], cursor: 12 }),
    village: page({ cursor, more: true }),
  });

  const waits = applyAnswer(before, asked(), answer(pages(11)), 0);
  const goes = applyAnswer(before, asked(), answer(pages(12)), 0);

  assert.deepEqual(waits.limbo, { [id(1)]: 12 });
  assert.deepEqual(waits.puts, [{ bucket: LIMBO, row: row(1, 6) }]);
  assert.deepEqual(waits.deletes, [{ bucket: "grid:02", id: id(1) }]);
  assert.deepEqual([goes.limbo, goes.puts], [{}, []]);
});

test("a new bucket is asked for from the start", () => {
  const outcome = applyAnswer(
    known({ village: [] }),
    asked(),
    answer({ village: page() }, { buckets: ["village", "grid:02"] }),
    0,
  );

  assert.equal(outcome.buckets["grid:02"]?.cursor, 0);
  assert.equal(outcome.more, true);
});

test("a bucket granted anew brings no landed edit back on the screen", () => {
  // Of a version that kept no mark on it: its cursors tell.
  const before = known({ village: [] }, [op(1, 1, { rev: 4, acked_at: 0, verdicts: [] })]);

  const outcome = applyAnswer(
    before,
    asked(2),
    answer({ village: page() }, { acked: 1, buckets: ["village", "grid:02"] }),
    0,
  );

  assert.equal(outcome.ops[0]?.landed, true);
});

test("a row that was changed since lies on a later page, and the own edit waits for it", () => {
  const before = known({ village: [], "grid:01": [row(1, 5)] }, [op(1)]);
  const acked = { acked: 1, revs: [10] };

  const early = applyAnswer(
    before,
    asked(1, 1),
    answer({ village: page({ cursor: 12 }), "grid:01": page({ cursor: 11, more: true }) }, acked),
    0,
  );
  const late = applyAnswer(
    { ...before, ops: early.ops, buckets: early.buckets },
    asked(2),
    answer(
      { village: page({ cursor: 14 }), "grid:01": page({ rows: [row(1, 13)], more: true }) },
      { acked: 1 },
    ),
    0,
  );

  assert.deepEqual([early.ops[0]?.rev, early.ops[0]?.landed], [10, undefined]);
  assert.equal(early.buckets["grid:01"]?.more, true);
  assert.equal(late.ops[0]?.landed, true);
});

test("an own edit lands with its row, whatever pages are still to come", () => {
  const outcome = applyAnswer(
    known({ village: [], "grid:01": [row(1, 5)] }, [op(1)]),
    asked(1, 1),
    answer(
      {
        village: page({ cursor: 6, more: true }),
        "grid:01": page({ rows: [row(1, 10)], cursor: 10, more: true }),
      },
      { acked: 1, revs: [10] },
    ),
    0,
  );

  assert.equal(outcome.ops[0]?.landed, true);
});

test("an own edit of what became a stub lands with the row that stands for it", () => {
  const stub: WireRow = [id(1), "child", 12, { alias_of: id(2) }];
  const pages = (rows: WireRow[]) =>
    answer({ village: page({ rows, cursor: 12, more: true }) }, { acked: 1, revs: [10] });
  const before = known({ village: [row(1, 5), row(2, 5)] }, [op(1)]);

  const early = applyAnswer(before, asked(1, 1), pages([stub]), 0);
  const late = applyAnswer(before, asked(1, 1), pages([stub, row(2, 12)]), 0);

  assert.deepEqual([early.ops[0]?.landed, late.ops[0]?.landed], [undefined, true]);
});

test("a fork renumbers the unsent work and touches no row", () => {
  const outcome = applyAnswer(
    known({ village: [row(1, 3)] }, [op(4, 1, { rev: 9 }), op(5), op(6)]),
    asked(5, 2),
    answer({ village: page() }, { generation: 2, acked: 4 }),
    0,
  );

  assert.equal(outcome.forked, true);
  assert.deepEqual(
    outcome.ops.map((each) => [each.seq, each.generation]),
    [
      [1, 2],
      [2, 2],
    ],
  );
  assert.deepEqual([outcome.puts, outcome.deletes], [[], []]);
});

test("what a fork's branches share is acked under its old number, and named so from behind it", () => {
  const change = { record: id(1), type: "child", base: 0, set: { name: "y" } };
  const behind = (seq: number, prev: number) =>
    op(seq, 1, { changes: [{ ...change, prev: { name: prev } }] });
  const held = { seq: 5, change: 0, key: "name", verdict: "held" } as const;

  const outcome = applyAnswer(
    known({ village: [] }, [op(5), behind(6, 5), behind(7, 6)]),
    asked(5, 3),
    answer({ village: page() }, { generation: 2, acked: 5, revs: [20], verdicts: [held] }),
    50,
  );

  assert.deepEqual(
    outcome.ops.map((each) => [each.generation, each.seq, each.rev, each.changes[0]?.prev]),
    [
      [1, 5, 20, {}],
      [2, 1, undefined, { name: [1, 5] }],
      [2, 2, undefined, { name: 1 }],
    ],
  );
  assert.deepEqual(outcome.acked[0]?.verdicts, [held]);
  assert.deepEqual(
    outcome.dropOps.map((each) => each.seq),
    [6, 7],
  );
});

test("a fork's ack is believed only for what the request carried", () => {
  const outcome = applyAnswer(
    known({ village: [] }, [op(1), op(2)]),
    asked(1, 1),
    answer({ village: page() }, { generation: 2, acked: 2, revs: [7, 8] }),
    0,
  );

  assert.deepEqual(
    outcome.ops.map((each) => [each.generation, each.seq, each.rev]),
    [
      [1, 1, 7],
      [2, 1, undefined],
    ],
  );
});

test("a fork of an older generation leaves what waits in a newer one under its numbers", () => {
  const outcome = applyAnswer(
    { ...known({ village: [] }, [op(1), op(1, 1, { generation: 2 })]), generation: 2 },
    asked(1, 1),
    answer({ village: page() }, { generation: 3, epoch: "e2" }),
    0,
  );

  assert.deepEqual(
    outcome.ops.map((each) => [each.generation, each.seq]),
    [[3, 1]],
  );
  // The restore is still to be seen, by the epoch of the next answer.
  assert.equal(outcome.epoch, "e");
});

test("an ack is believed only for what this request carried", () => {
  const outcome = applyAnswer(
    known({ village: [] }, [op(1), op(2)]),
    asked(1, 1),
    answer({ village: page() }, { acked: 2, revs: [7, 8] }),
    0,
  );

  assert.deepEqual(
    outcome.acked.map((each) => each.seq),
    [1],
  );
});

test("a restored server is offered what it lost, with the rev it had, and nothing it still has", () => {
  const done = [1, 2, 3].map((seq) =>
    op(seq, 1, { rev: 10 + seq, acked_at: 1, verdicts: [], landed: true }),
  );
  const before = known({ village: [row(1, 13)] }, [...done, op(4)]);

  const outcome = applyAnswer(
    before,
    asked(4, 1),
    answer({ village: page({ cursor: 1_000_000 }) }, { epoch: "e2", acked: 1 }),
    50,
  );

  assert.deepEqual(
    outcome.ops.map((each) => [each.seq, each.rev, each.lost, each.landed]),
    [
      [2, undefined, 12, true],
      [3, undefined, 13, true],
    ],
  );
  assert.deepEqual([outcome.deletes, outcome.epoch], [[], "e2"]);
});

test("an op lost twice keeps the first rev it had", () => {
  const twice = op(1, 1, { rev: 99, lost: 11, acked_at: 1, verdicts: [] });

  const outcome = applyAnswer(
    known({}, [twice]),
    asked(2),
    answer({}, { epoch: "e3", acked: 0 }),
    0,
  );

  assert.equal(outcome.ops[0]?.lost, 11);
});

test("a server that lost more than the phone still has is told it in a new generation", () => {
  const outcome = applyAnswer(
    known({ village: [] }, [op(7, 1, { rev: 20, acked_at: 1, verdicts: [] }), op(8)]),
    asked(8, 1),
    answer({ village: page() }, { epoch: "e2", acked: 3 }),
    0,
  );

  assert.deepEqual(
    [outcome.generation, outcome.ops.map((each) => [each.generation, each.seq, each.lost])],
    [
      2,
      [
        [2, 1, 20],
        [2, 2, undefined],
      ],
    ],
  );
});

test("acked ops are forgotten only when a backup holds them and their month is over", () => {
  const month = 31 * 86_400_000;
  const done = (seq: number, at: number) =>
    op(seq, 1, { rev: 3, acked_at: at, verdicts: [], landed: true });
  const before = known({ village: [] }, [done(1, 0), done(2, month), done(3, 0)]);

  const all = answer({ village: page() }, { acked: 3, kept: 2 });
  const none = answer({ village: page() }, { acked: 3 });

  assert.deepEqual(
    applyAnswer(before, asked(4), all, month).dropOps.map((each) => each.seq),
    [1],
  );
  assert.deepEqual(applyAnswer(before, asked(4), none, month * 10).dropOps, []);
});

test("ops of an older generation go with a backup of the newer one that was made after them", () => {
  const month = 31 * 86_400_000;
  const done = (seq: number, generation: number, rev: number) =>
    op(seq, 1, { generation, rev, acked_at: 0, verdicts: [], landed: true });
  const before = known({ village: [] }, [done(1, 1, 3), done(2, 1, 8), done(1, 2, 5)]);

  const outcome = applyAnswer(
    { ...before, generation: 2 },
    asked(2, 0, { generation: 2 }),
    answer({ village: page() }, { generation: 2, acked: 1, kept: 1 }),
    month,
  );

  assert.deepEqual(
    outcome.dropOps.map((each) => [each.generation, each.seq]),
    [
      [1, 1],
      [2, 1],
    ],
  );
});

test("a listing takes out what is too many and names what is missing or other", () => {
  const [same, other, surplus, elsewhere] = [
    row(0x11, 3),
    row(0x21, 3),
    row(0x31, 3),
    row(0x32, 3),
  ];
  const before = known({ village: [same, other, surplus, elsewhere] });
  before.repair = new Map([["village", null]]);
  const theirs = row(0x21, 3, "乙");
  const missing = row(0x41, 3);
  const listing = [same, theirs, missing].map((each): [string, string] => [each[0], headOf(each)]);

  const outcome = applyAnswer(
    before,
    asked(1, 0, { compare: { village: [] } }),
    answer({ village: page({ digest: "f".repeat(32), differ: { "1": listing } }) }),
    0,
  );

  assert.deepEqual(outcome.deletes, [{ bucket: "village", id: surplus[0] }]);
  assert.deepEqual(outcome.repair.get("village"), [theirs[0], missing[0]]);
  assert.deepEqual(outcome.mismatched, []);
  assert.equal(outcome.buckets.village?.digest, digestOf([same, other, elsewhere]));
});

test("a row with own edits that the server has not is kept for its author", () => {
  const before = known({ village: [row(1, 3)] }, [op(1, 1)]);
  before.repair = new Map([["village", null]]);

  const outcome = applyAnswer(
    before,
    asked(1, 0, { compare: { village: [] } }),
    answer({ village: page({ digest: digestOf([]), differ: { "1": [] } }) }),
    0,
  );

  assert.deepEqual(outcome.puts, [{ bucket: LIMBO, row: row(1, 3) }]);
  assert.equal(outcome.agrees, true);
  assert.equal(outcome.repair.size, 0);
});

test("at most five hundred rows are fetched at a time, and the bucket is compared again after", () => {
  const ids = Array.from({ length: 700 }, (_, n) => id(n));
  const before = known({ village: [] });
  before.repair = new Map([["village", ids]]);
  const request = asked(1, 0, { fetch: { village: ids.slice(0, 500) } });
  const other = answer({ village: page({ digest: "f".repeat(32) }) });

  const first = applyAnswer(before, request, other, 0);
  const second = applyAnswer({ ...before, repair: first.repair }, request, other, 0);

  assert.deepEqual(first.repair.get("village"), ids.slice(500));
  assert.equal(second.repair.get("village"), null);
});

test("a cursor never goes back", () => {
  const outcome = applyAnswer(
    known({ village: [row(1, 3)] }),
    asked(),
    answer({ village: page({ cursor: 2 }) }),
    0,
  );

  assert.equal(outcome.buckets.village?.cursor, 5);
});
