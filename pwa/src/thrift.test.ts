// What one saved visit, one page and one letter typed cost on a phone that holds a whole grid: what did not
// change is not read again. Counted in reads of single answers, not in time.
import assert from "node:assert/strict";
import { test } from "node:test";
import vectors from "../../tests/vectors/due.json" with { type: "json" };
import { type Calendar, type DueRule, dueList } from "./due.ts";
import type { Op } from "./model/pending.ts";
import { Register } from "./model/register.ts";
import type { Fields, WireRow } from "./model/wire.ts";
import { entryOf } from "./search/entries.ts";

const MANY = 500;
const TODAY = "2026-11-22";
const calendar = vectors.calendar as unknown as Calendar;
const rules = (vectors.rules as unknown as DueRule[])
  .filter(({ name }) => name === "visit_by_risk")
  .map((rule) => ({ ...rule, on: true }));
const id = (letter: string, at: number) => letter + String(at).padStart(31, "0");

/** Counts how often an answer is read. */
function counted(fields: Fields, name: string, reads: { n: number }): Fields {
  const value = fields[name];
  return Object.defineProperty({ ...fields }, name, {
    enumerable: true,
    get: () => {
      reads.n += 1;
      return value;
    },
  });
}

function grid(names: { n: number }, met: { n: number }): Map<string, Map<string, WireRow>> {
  const rows: WireRow[] = Array.from({ length: MANY }, (_, at) => at).flatMap((at) => {
    const child = { name: `顾小${at}`, birth_date: "2016-03-04", left_behind_fact: "B" };
    const visit = { child_id: id("a", at), occurred_on: "2026-11-01", met: ["C"] };
    return [
      [id("a", at), "child", 1, counted(child, "name", names)] as WireRow,
      [id("c", at), "visit", 1, counted(visit, "met", met)] as WireRow,
    ];
  });
  return new Map([["grid:01", new Map(rows.map((row) => [row[0], row]))]]);
}

const visited: Op = {
  seq: 1,
  generation: 1,
  at: 0,
  clock: 1,
  contact: 0,
  schema: "",
  changes: [
    {
      record: id("d", 1),
      type: "visit",
      base: 0,
      set: { present: true, child_id: id("a", 7), occurred_on: TODAY, "met/C": true },
      prev: {},
    },
  ],
};

const due = (held: Register) => dueList((type) => held.of(type), rules, calendar, TODAY);

test("a saved visit is reckoned with alone: no other visit is read again for the due list", () => {
  const [names, met] = [{ n: 0 }, { n: 0 }];
  const rows = grid(names, met);
  const before = due(new Register(rows, []));
  const read = met.n;

  const after = due(new Register(rows, [visited]));

  assert.ok(read >= MANY);
  assert.equal(met.n, read);
  assert.equal(before.find(({ subject }) => subject.id === id("a", 7))?.last_on, "2026-11-01");
  assert.equal(after.find(({ subject }) => subject.id === id("a", 7))?.last_on, TODAY);
  assert.equal(after.filter((each) => before.includes(each)).length, MANY - 1);
});

test("a rule none of whose lists is another list goes through no record again", () => {
  const [links, met] = [{ n: 0 }, { n: 0 }];
  const talks = rules.map((rule) => ({ ...rule, events: ["talk"] }));
  const rows = grid({ n: 0 }, met);
  for (const [at, row] of rows.get("grid:01") ?? []) {
    if (row[1] !== "child") continue;
    const fields = counted({ household_id: "", ...row[3] }, "household_id", links);
    rows.get("grid:01")?.set(at, [row[0], row[1], row[2], fields]);
  }
  const dueTalks = (held: Register) => dueList((type) => held.of(type), talks, calendar, TODAY);
  const before = dueTalks(new Register(rows, []));
  const read = links.n;

  const after = dueTalks(new Register(rows, [visited]));

  assert.ok(read >= MANY);
  assert.equal(links.n, read);
  assert.deepEqual(after, before);
});

test("the next day everything is reckoned anew", () => {
  const [names, met] = [{ n: 0 }, { n: 0 }];
  const held = new Register(grid(names, met), []);
  const first = due(held);

  const next = dueList((type) => held.of(type), rules, calendar, "2026-11-23");

  assert.equal(next.length, first.length);
  assert.equal(next.filter((each) => first.includes(each)).length, 0);
});

test("a record is put into letters once, however often and in whatever register it is searched", () => {
  const [names, met] = [{ n: 0 }, { n: 0 }];
  const rows = grid(names, met);
  const first = new Register(rows, []).of("child").map(entryOf);
  const read = names.n;

  const again = new Register(rows, [visited]).of("child").map(entryOf);

  assert.equal(first.length, MANY);
  assert.ok(read >= MANY);
  assert.equal(names.n, read);
  assert.deepEqual(again, first);
});

test("lists of a type stay the same lists while none of their records is another", () => {
  const rows = grid({ n: 0 }, { n: 0 });
  const before = new Register(rows, []);

  const after = new Register(rows, [visited]);

  assert.equal(after.of("child"), before.of("child"));
  assert.equal(
    after.by("child", "left_behind_fact", "B"),
    before.by("child", "left_behind_fact", "B"),
  );
  assert.notEqual(after.of("visit"), before.of("visit"));
  assert.equal(after.of("visit").length, before.of("visit").length + 1);
  assert.equal(after.get(id("a", 7)), before.get(id("a", 7)));
});

test("a page that brings one row makes one row to show; all others stay", () => {
  const rows = grid({ n: 0 }, { n: 0 });
  const before = new Register(rows, []);
  const page = new Map(rows.get("grid:01"));
  page.set(id("a", 3), [id("a", 3), "child", 2, { name: "顾大满" }]);

  const after = new Register(new Map([["grid:01", page]]), []);

  assert.equal(after.get(id("a", 3))?.fields.name, "顾大满");
  assert.equal([...after.rows.values()].filter((row) => before.rows.get(row.id) !== row).length, 1);
});
