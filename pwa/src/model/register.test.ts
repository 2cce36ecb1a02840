import assert from "node:assert/strict";
import { test } from "node:test";
import { dueList } from "../due.ts";
import { entryOf, NAMED } from "../search/entries.ts";
import { Index, search } from "../search/search.ts";
import { basisOf, changesFor, type Op } from "./pending.ts";
import { Register } from "./register.ts";
import type { Fields, WireRow } from "./wire.ts";

const id = (name: string) => name.padEnd(32, "0");
const [HOME, TWIN_HOME, CHILD, TWIN] = [id("1"), id("2"), id("a"), id("b")];

function register(rows: WireRow[], overlay: Op[] = []): Register {
  return new Register(new Map([["grid:01", new Map(rows.map((row) => [row[0], row]))]]), overlay);
}

function edit(seq: number, record: string, set: Fields, base = 5): Op {
  return {
    seq,
    generation: 1,
    at: 0,
    clock: 1,
    contact: 0,
    schema: "",
    changes: [{ record, type: "child", base, set, prev: {} }],
  };
}

const MERGED: WireRow[] = [
  [HOME, "household", 9, { head_name: "王大山" }],
  [TWIN_HOME, "household", 9, { alias_of: HOME }],
  [CHILD, "child", 9, { name: "顾小满", household_id: TWIN_HOME }],
  [TWIN, "child", 9, { alias_of: CHILD }],
  [id("c"), "visit", 4, { child_id: TWIN, household_id: TWIN_HOME, occurred_on: "2026-11-01" }],
  [id("d"), "parent_link", 4, { child_id: CHILD, parent_id: id("e") }],
  [id("e"), "person", 9, { alias_of: id("f") }],
  [id("f"), "person", 9, { name: "顾大", household_id: HOME }],
  [id("7"), "pairing", 3, { child_id: TWIN, helper_id: id("8") }],
  [id("8"), "helper", 9, { alias_of: id("9") }],
  [id("9"), "helper", 9, { name: "李" }],
];

test("a stub is never listed and never found", () => {
  const held = register(MERGED);
  const index = new Index(NAMED.flatMap((type) => held.of(type).map(entryOf)));

  assert.deepEqual(
    held.of("household").map((row) => row.id),
    [HOME],
  );
  assert.equal(held.rows.has(TWIN), false);
  assert.deepEqual(
    search(index, "顾小满").map((row) => row.id),
    [CHILD],
  );
});

test("an old link to a stub opens the record that stands for it", () => {
  const held = register(MERGED);

  assert.equal(held.get(TWIN)?.id, CHILD);
  assert.equal(held.resolve(TWIN), CHILD);
  assert.equal(held.resolve(CHILD), CHILD);
});

test("whatever points to a stub is shown with the record that stands for it", () => {
  const held = register(MERGED);

  for (const name of [HOME, TWIN_HOME]) {
    assert.deepEqual(
      held.by("child", "household_id", name).map((row) => row.id),
      [CHILD],
    );
  }
  assert.equal(held.by("visit", "child_id", CHILD).length, 1);
  assert.equal(held.by("visit", "household_id", HOME).length, 1);
  assert.equal(held.by("pairing", "child_id", CHILD)[0]?.fields.helper_id, id("9"));
  assert.equal(held.by("parent_link", "parent_id", id("f")).length, 1);
});

test("a visit to either half counts as a visit to the child", () => {
  const held = register(MERGED);
  const rule = {
    name: "r",
    on: true,
    events: ["visit"],
    subject: "child",
    by: "risk_level",
    every_days: { "": 90 },
    start: "created",
    helpers: [],
  };
  const calendar = { festivals: [], seasons: {} };

  const due = dueList((type) => held.of(type), [rule], calendar, "2026-11-22");

  assert.deepEqual(
    due.map((each) => [each.subject.id, each.last_on]),
    [[CHILD, "2026-11-01"]],
  );
});

test("two who named the two halves of one record do not differ", () => {
  const rows: WireRow[] = [
    ...MERGED.filter((row) => row[0] !== CHILD),
    [
      CHILD,
      "child",
      9,
      { household_id: HOME, wish: "书" },
      { household_id: [TWIN_HOME], wish: ["笔"] },
    ],
  ];

  assert.deepEqual(register(rows).get(CHILD)?.contested, { wish: ["笔"] });
});

test("own edits on the half that became a stub are shown on the one that stands for it", () => {
  const row = register(MERGED, [edit(1, TWIN, { name: "顾小曼" })]).get(CHILD);

  assert.deepEqual([row?.id, row?.fields.name, row?.pending], [CHILD, "顾小曼", true]);
});

test("taking away the double does not hide the child", () => {
  assert.equal(register(MERGED, [edit(1, TWIN, { present: false })]).get(CHILD)?.id, CHILD);
  assert.equal(register(MERGED, [edit(1, CHILD, { present: false })]).get(CHILD), undefined);
});

test("an edit over one's own edit of the other half pins its base: it hid what arrived", () => {
  const overlay = [edit(3, TWIN, { name: "顾小曼" }, 5)];
  const held = register(MERGED, overlay);
  const basis = basisOf(CHILD, 9, overlay, 1, held.stubsOf(CHILD));

  const [change] = changesFor(CHILD, "child", { name: "顾满" }, basis, (_generation, seq) => seq);

  assert.deepEqual([change?.base, change?.prev], [5, { name: 3 }]);
});

test("stubs of stubs lead to the end, and a circle leads nowhere for ever", () => {
  const chain = register([
    [id("a"), "child", 1, { name: "甲" }],
    [id("b"), "child", 2, { alias_of: id("a") }],
    [id("c"), "child", 2, { alias_of: id("b") }],
  ]);
  const circle = register([
    [id("a"), "child", 1, { alias_of: id("b") }],
    [id("b"), "child", 2, { alias_of: id("a") }],
    [id("c"), "child", 2, { alias_of: id("b") }],
  ]);

  assert.equal(chain.get(id("c"))?.fields.name, "甲");
  assert.equal(circle.get(id("c")), undefined);
});

test("a stub whose other half is not on this phone shows nothing and breaks nothing", () => {
  const held = register([
    [TWIN, "child", 9, { alias_of: CHILD }],
    [id("c"), "visit", 4, { child_id: TWIN }],
  ]);

  assert.equal(held.get(TWIN), undefined);
  assert.equal(held.get(id("c"))?.fields.child_id, CHILD);
});

test("a record of two buckets with one rev shows the fields of both and no contest of its own", () => {
  const held = new Register(
    new Map([
      ["grid:01", new Map([[CHILD, [CHILD, "child", 3, { name: "甲" }] as WireRow]])],
      ["helper:1", new Map([[CHILD, [CHILD, "child", 3, { wish: "书" }] as WireRow]])],
    ]),
    [],
  );

  assert.deepEqual(held.get(CHILD), {
    id: CHILD,
    type: "child",
    rev: 3,
    fields: { name: "甲", wish: "书" },
  });
});

test("an event that only takes another back is struck through with it", () => {
  const held = register([
    [id("1"), "visit", 1, { child_id: CHILD, occurred_on: "2026-11-01" }],
    [id("2"), "visit", 2, { child_id: CHILD, corrects_id: id("1") }],
    [id("3"), "visit", 3, { child_id: CHILD, occurred_on: "2026-11-02" }],
    [id("4"), "visit", 4, { child_id: CHILD, occurred_on: "2026-11-03", corrects_id: id("3") }],
  ]);

  assert.deepEqual(
    ["1", "2", "3", "4"].map((name) => held.isCorrected(id(name))),
    [true, true, true, false],
  );
});
