import assert from "node:assert/strict";
import { test } from "node:test";
import { decided, disputesIn, ended } from "./disputes.ts";
import type { Op } from "./pending.ts";
import type { WireRow } from "./wire.ts";

const op = (record: string, set: Op["changes"][0]["set"]): Op => ({
  seq: 1,
  generation: 0,
  at: 0,
  clock: 1,
  contact: 0,
  schema: "",
  changes: [{ record, type: "child", base: 0, set, prev: {} }],
});
const rows = (contested: Record<string, string[]>) => [
  new Map<string, WireRow>([["c", ["c", "child", 5, { risk_level: "R" }, contested]]]),
];

test("an own answer that stands against another is known until it is settled", () => {
  const own = [op("c", { risk_level: "O", wish: "x" }), op("d", { risk_level: "G" })];
  const before = disputesIn(rows({ risk_level: ["O"] }), own);

  assert.deepEqual(before, { "c/risk_level": "O" });
  assert.deepEqual(ended(before, before), []);
  assert.deepEqual(ended(before, disputesIn(rows({}), own)), ["c/risk_level"]);
  assert.deepEqual(disputesIn(rows({ wish: ["y"] }), [op("d", { wish: "z" })]), {});
});

test("a decision keeps what this person had answered, and why the office decided otherwise", () => {
  const told = new Map([["c/risk_level", { at: 7, reason: "asked" }]]);
  const found = decided(
    ["c/risk_level", "c/wish"],
    { "c/risk_level": "O", "c/wish": "x" },
    told,
    [],
  );

  assert.deepEqual(found, [
    { record: "c", key: "risk_level", mine: "O", at: 7, reason: "asked" },
    { record: "c", key: "wish", mine: "x", at: 0, reason: "" },
  ]);
});
