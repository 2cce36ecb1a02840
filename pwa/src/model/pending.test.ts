import assert from "node:assert/strict";
import { test } from "node:test";
import {
  basisOf,
  type Change,
  changesFor,
  isOnOverlay,
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
const alive = () => true;

test("a first edit stands on the row's rev and replaces nothing of one's own", () => {
  const basis = basisOf(CHILD, 5, [], 1);

  assert.deepEqual(changesFor(CHILD, "child", { name: "乙" }, basis, 1, alive), [
    { record: CHILD, type: "child", base: 5, set: { name: "乙" }, prev: {} },
  ]);
});

test("a second edit of a key keeps the first one's base and names it, whatever arrived meanwhile", () => {
  const overlay = [op(3, { name: "乙" })];
  const basis = basisOf(CHILD, 9, overlay, 1);

  assert.deepEqual(changesFor(CHILD, "child", { name: "丙" }, basis, 1, alive), [
    { record: CHILD, type: "child", base: 5, set: { name: "丙" }, prev: { name: 3 } },
  ]);
});

test("a chain of edits keeps the base of its first link and names the last", () => {
  const overlay = [op(3, { name: "乙" }), op(4, { name: "丙" })];
  const basis = basisOf(CHILD, 9, overlay, 1);

  const [change] = changesFor(CHILD, "child", { name: "丁" }, basis, 1, alive);

  assert.equal(change?.base, 5);
  assert.deepEqual(change?.prev, { name: 4 });
});

test("edits of one record with different bases are two changes", () => {
  const basis = basisOf(CHILD, 9, [op(3, { name: "乙" })], 1);

  const changes = changesFor(CHILD, "child", { name: "丙", wish: "书" }, basis, 1, alive);

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

  const [change] = changesFor(CHILD, "child", { name: "丙" }, basis, 1, alive);

  assert.deepEqual(change?.prev, {});
});

test("an undone edit is not named, nor one of an older generation", () => {
  const basis = basisOf(CHILD, 9, [op(3, { name: "乙" })], 1);

  const [undone] = changesFor(CHILD, "child", { name: "丙" }, basis, 1, () => false);
  const [older] = changesFor(CHILD, "child", { name: "丙" }, basis, 2, alive);

  assert.deepEqual(undone?.prev, {});
  assert.deepEqual(older?.prev, {});
});

test("who removes a record has seen no more of it than the oldest own edit that hides it", () => {
  const overlay = [op(3, { name: "乙" }, { base: 5 }), op(4, { wish: "书" }, { base: 7 })];
  const basis = basisOf(CHILD, 9, overlay, 1);

  const [removal] = changesFor(CHILD, "child", { present: false }, basis, 1, alive);

  assert.equal(removal?.base, 5);
});

test("an op stays on the overlay until it is acked and every cursor has reached its rev", () => {
  assert.equal(isOnOverlay(op(1, {}), [99, 99]), true);
  assert.equal(isOnOverlay(op(1, {}, { rev: 7 }), [7, 6]), true);
  assert.equal(isOnOverlay(op(1, {}, { rev: 7 }), [7, 8]), false);
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
  const overlay = [created].filter((each) => isOnOverlay(each, [8]));

  assert.equal(shown(undefined, overlay, CHILD), null);
});

test("after a fork the unsent ops count from 1 and carry over only what comes along", () => {
  const first = op(7, { name: "乙" });
  const second = op(8, { name: "丙" });
  for (const change of first.changes) change.prev = { name: 3 };
  for (const change of second.changes) change.prev = { name: 7 };

  const moved = renumber([first, second], 2);

  assert.deepEqual(
    moved.map((each) => [each.seq, each.generation, each.changes[0]?.prev]),
    [
      [1, 2, {}],
      [2, 2, { name: 1 }],
    ],
  );
});
