import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf } from "./canonical.ts";
import { answer, asked, id, known, op, page, row } from "./fake-answer.ts";
import { headOf } from "./repair.ts";
import { applyAnswer, LIMBO } from "./reply.ts";
import type { WireRow } from "./wire.ts";

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
