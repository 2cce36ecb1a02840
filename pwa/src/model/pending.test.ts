import assert from "node:assert/strict";
import { test } from "node:test";
import {
  basisOf,
  type Change,
  changesFor,
  isOnOverlay,
  namer,
  type Op,
  renumber,
  shown,
} from "./pending.ts";
import type { WireRow } from "./wire.ts";

const ID = "0".repeat(31);
const CHILD = `${ID}1`;

function op(seq: number, set: Change["set"], more: Partial<Op> & { base?: number } = {}): Op {
  const { base = 5, ...rest } = more;
  return {
    seq,
    generation: 1,
    at: 0,
    clock: 1,
    contact: 0,
    schema: "",
    changes: [{ record: CHILD, type: "child", base, set, prev: {} }],
    ...rest,
  };
}

const confirmed: WireRow = [CHILD, "child", 5, { name: "甲", hobby: ["01", "02"] }];
const nameOf = (_generation: number, seq: number) => seq;

test("a first edit stands on the row's rev and replaces nothing of one's own", () => {
  const basis = basisOf(CHILD, 5, [], 1);

  assert.deepEqual(changesFor(CHILD, "child", { name: "乙" }, basis, nameOf), [
    { record: CHILD, type: "child", base: 5, set: { name: "乙" }, prev: {} },
  ]);
});

test("a second edit of a key keeps the first one's base and names it, whatever arrived meanwhile", () => {
  const overlay = [op(3, { name: "乙" })];
  const basis = basisOf(CHILD, 9, overlay, 1);

  assert.deepEqual(changesFor(CHILD, "child", { name: "丙" }, basis, nameOf), [
    { record: CHILD, type: "child", base: 5, set: { name: "丙" }, prev: { name: 3 } },
  ]);
});

test("a chain of edits keeps the base of its first link and names the last", () => {
  const overlay = [op(3, { name: "乙" }), op(4, { name: "丙" })];
  const basis = basisOf(CHILD, 9, overlay, 1);

  const [change] = changesFor(CHILD, "child", { name: "丁" }, basis, nameOf);

  assert.equal(change?.base, 5);
  assert.deepEqual(change?.prev, { name: 4 });
});

test("edits of one record with different bases are two changes", () => {
  const basis = basisOf(CHILD, 9, [op(3, { name: "乙" })], 1);

  const changes = changesFor(CHILD, "child", { name: "丙", wish: "书" }, basis, nameOf);

  assert.deepEqual(
    changes.map((change) => [change.base, change.set, change.prev]),
    [
      [5, { name: "丙" }, { name: 3 }],
      [9, { wish: "书" }, {}],
    ],
  );
});

test("a form opened before another own edit does not claim to have seen it", () => {
  const basis = basisOf(CHILD, 5, [], 1);

  const [change] = changesFor(CHILD, "child", { name: "丙" }, basis, nameOf);

  assert.deepEqual(change?.prev, {});
});

test("an undone edit is not named", () => {
  const basis = basisOf(CHILD, 9, [op(3, { name: "乙" })], 1);

  const [undone] = changesFor(CHILD, "child", { name: "丙" }, basis, namer([], 1, 2));

  assert.deepEqual(undone?.prev, {});
});

test("an own edit that was carried is named though the phone has forgotten it", () => {
  assert.equal(namer([], 1, 3)(1, 3), 3);
});

test("an own edit that kept its number in a fork is named with its generation", () => {
  const stays = op(3, { name: "乙" }, { rev: 8 });
  const basis = basisOf(CHILD, 9, [stays], 2);

  const [change] = changesFor(CHILD, "child", { name: "丙" }, basis, namer([stays], 2, 0));

  assert.deepEqual([change?.base, change?.prev], [5, { name: [1, 3] }]);
});

test("a form opened before a fork names its own edit by the number the fork gave it", () => {
  const waits = op(3, { name: "乙" });
  const basis = basisOf(CHILD, 9, [waits], 1);
  const twice = renumber(renumber([waits], 2), 3);

  const [change] = changesFor(CHILD, "child", { name: "丙" }, basis, namer(twice, 3, 1));
  const again = basisOf(CHILD, 9, twice, 3);

  assert.deepEqual(change?.prev, { name: 1 });
  assert.deepEqual(changesFor(CHILD, "child", { name: "丙" }, again, namer(twice, 3, 1)), [change]);
});

test("a draft of the first version names own edits of the generation it was begun in", () => {
  const basis = { rev: 9, generation: 1, own: { name: { seq: 3, base: 5 } } };
  const stays = op(3, { name: "乙" }, { rev: 8 });

  const [change] = changesFor(CHILD, "child", { name: "丙" }, basis, namer([stays], 2, 0));

  assert.deepEqual(change?.prev, { name: [1, 3] });
});

test("who removes a record has seen no more of it than the oldest own edit that hides it", () => {
  const overlay = [op(3, { name: "乙" }, { base: 5 }), op(4, { wish: "书" }, { base: 7 })];
  const basis = basisOf(CHILD, 9, overlay, 1);

  const [removal] = changesFor(CHILD, "child", { present: false }, basis, nameOf);

  assert.equal(removal?.base, 5);
});

test("an op stays on the overlay until it is acked and its row is confirmed at its rev", () => {
  const more = [{ cursor: 99, more: true as const }, { cursor: 99 }];
  const acked = op(1, {}, { rev: 7 });

  assert.equal(
    isOnOverlay(op(1, {}), () => [99], [{ cursor: 99 }]),
    true,
  );
  assert.equal(
    isOnOverlay(acked, () => [6], more),
    true,
  );
  assert.equal(
    isOnOverlay(acked, () => [], more),
    true,
  );
  assert.equal(
    isOnOverlay(acked, () => [7], more),
    false,
  );
  assert.equal(
    isOnOverlay(acked, () => [9, 6], more),
    true,
  );
});

test("without its row an op stays until every bucket is complete at its rev", () => {
  const acked = op(1, {}, { rev: 7 });
  const isThere = (...buckets: Parameters<typeof isOnOverlay>[2]) =>
    !isOnOverlay(acked, () => [5], buckets);

  assert.equal(isThere({ cursor: 7 }, { cursor: 6 }), false);
  assert.equal(isThere({ cursor: 7 }, { cursor: 8, more: true }), false);
  assert.equal(isThere({ cursor: 7 }, { cursor: 8 }), true);
});

test("an op that has landed is not back on the overlay, whatever bucket begins anew", () => {
  const landed = op(1, {}, { rev: 7, landed: true });

  assert.equal(
    isOnOverlay(landed, () => [], [{ cursor: 0, more: true }]),
    false,
  );
});

test("the screen shows own edits over the confirmed row, key by key", () => {
  const row = shown(
    confirmed,
    [op(1, { name: null, "hobby/02": false, "hobby/03": true, "phones/k3f9": { number: "1" } })],
    CHILD,
  );

  assert.deepEqual(row?.fields, { hobby: ["01", "03"], phones: { k3f9: { number: "1" } } });
  assert.equal(row?.pending, true);
  assert.deepEqual(confirmed[3], { name: "甲", hobby: ["01", "02"] });
});

test("an own edit hides the contest of its key until the server has spoken", () => {
  const contested: WireRow = [
    CHILD,
    "child",
    5,
    { name: "甲", wish: "书" },
    { name: ["乙"], wish: ["笔"] },
  ];

  assert.deepEqual(shown(contested, [op(1, { name: "甲" })], CHILD)?.contested, { wish: ["笔"] });
});

test("a record made here is shown before the server has it, and not after it is removed", () => {
  const created = op(1, { present: true, name: "新" }, { base: 0 });
  const removed = op(2, { present: false });

  assert.equal(shown(undefined, [created], CHILD)?.fields.name, "新");
  assert.equal(shown(undefined, [created, removed], CHILD), null);
  assert.equal(shown(undefined, [op(1, { name: "x" })], CHILD), null);
});

test("a target outside the own buckets leaves the screen with its overlay", () => {
  const created = op(1, { present: true, name: "新" }, { base: 0, rev: 8 });
  const overlay = [created].filter((each) => isOnOverlay(each, () => [], [{ cursor: 8 }]));

  assert.equal(shown(undefined, overlay, CHILD), null);
});

test("after a fork the unsent ops count from 1 and name those left behind with their generation", () => {
  const first = op(7, { name: "乙" });
  const second = op(8, { name: "丙" });
  for (const change of first.changes) change.prev = { name: 3 };
  for (const change of second.changes) change.prev = { name: 7 };

  const moved = renumber([first, second], 2);

  assert.deepEqual(
    moved.map((each) => [each.seq, each.generation, each.changes[0]?.prev]),
    [
      [1, 2, { name: [1, 3] }],
      [2, 2, { name: 1 }],
    ],
  );
});
