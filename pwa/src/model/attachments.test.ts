import assert from "node:assert/strict";
import { test } from "node:test";
import { namedBy } from "./attachments.ts";
import type { Op, Row } from "./pending.ts";

const PICTURE = `${"a".repeat(64)}.jpg`;
const change = { record: "v", type: "visit", base: 0, set: { photo: PICTURE }, prev: {} };
const op: Op = {
  generation: 1,
  seq: 1,
  at: 1,
  clock: 1,
  contact: 0,
  schema: "",
  changes: [change],
};
const row: Row = {
  id: "v",
  type: "visit",
  rev: 7,
  fields: { photo: PICTURE },
};

test("a picture is known by what was saved with it", () => {
  assert.deepEqual(namedBy(PICTURE, [op], []), [change]);
});

test("a picture the village will not take is still known by its record after the phone has forgotten the op", () => {
  const [named] = namedBy(PICTURE, [], [row]);

  assert.deepEqual([named?.record, named?.type], ["v", "visit"]);
  assert.deepEqual(namedBy(PICTURE, [], []), []);
});
