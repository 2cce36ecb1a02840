import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf } from "./canonical.ts";
import type { Op } from "./pending.ts";
import { applyAnswer, type Known } from "./reply.ts";
import type { Page, SyncAnswer, WireRow } from "./wire.ts";

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
    repairing: new Map(),
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
    known({}, [op(1), op(2), op(3)]),
    answer({}, { acked: 2, revs: [11, 12], verdicts: [held] }),
    1,
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
  const done = op(1, 1, { rev: 11, acked_at: 1, verdicts: [] });

  assert.deepEqual(
    applyAnswer(known({}, [done]), answer({}, { acked: 1, revs: [11] }), 1, 50).ops,
    [],
  );
});

test("a server that knows less than it told is offered the work again", () => {
  const done = [1, 2].map((seq) => op(seq, 1, { rev: 10 + seq, acked_at: 1, verdicts: [] }));

  const outcome = applyAnswer(known({}, done), answer({}, { acked: 1 }), 3, 50);

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
    answer({ "grid:01": page({ rows: after, gone: [id(2), id(77)], digest: digestOf(after) }) }),
    1,
    0,
  );

  assert.deepEqual(outcome.buckets["grid:01"], { cursor: 9, digest: digestOf(after) });
  assert.deepEqual(outcome.deletes, [{ bucket: "grid:01", id: id(2) }]);
  assert.deepEqual([outcome.agrees, outcome.more, outcome.mismatched], [true, false, []]);
});

test("a half-delivered bucket neither agrees nor counts as a mismatch", () => {
  const outcome = applyAnswer(
    known({ village: [] }),
    answer({ village: page({ rows: [row(1, 3)], more: true, cursor: 3 }) }),
    1,
    0,
  );

  assert.deepEqual([outcome.agrees, outcome.more, outcome.mismatched], [false, true, []]);
});

test("a digest that differs after a complete pull is reported, and nothing is wiped", () => {
  const outcome = applyAnswer(
    known({ village: [row(1, 3)] }),
    answer({ village: page({ digest: digestOf([row(2, 3)]) }) }),
    1,
    0,
  );

  assert.deepEqual([outcome.agrees, outcome.mismatched, outcome.deletes], [false, ["village"], []]);
});

test("fetching a bucket again from the start takes out only what no longer came", () => {
  const before = known({ village: [row(1, 3), row(2, 4)] });
  before.repairing.set("village", new Set());

  const outcome = applyAnswer(
    before,
    answer({ village: page({ rows: [row(2, 4)], digest: digestOf([row(2, 4)]) }) }),
    1,
    0,
  );

  assert.deepEqual(outcome.deletes, [{ bucket: "village", id: id(1) }]);
  assert.equal(outcome.agrees, true);
});

test("rows of a bucket taken away go, save those with own edits under way", () => {
  const before = known({ "grid:01": [row(1, 3), row(2, 4)], village: [] }, [op(1, 2)]);

  const outcome = applyAnswer(before, answer({ village: page() }), 1, 0);

  assert.deepEqual(outcome.deletes, [{ bucket: "grid:01", id: id(1) }]);
  assert.equal(outcome.buckets["grid:01"]?.left, true);
});

test("a new bucket is asked for from the start", () => {
  const outcome = applyAnswer(
    known({ village: [] }),
    answer({ village: page() }, { buckets: ["village", "grid:02"] }),
    1,
    0,
  );

  assert.equal(outcome.buckets["grid:02"]?.cursor, 0);
  assert.equal(outcome.more, true);
});

test("a fork renumbers the unsent work and touches no row", () => {
  const outcome = applyAnswer(
    known({ village: [row(1, 3)] }, [op(4, 1, { rev: 9 }), op(5), op(6)]),
    answer({ village: page() }, { generation: 2 }),
    5,
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
