import assert from "node:assert/strict";
import { test } from "node:test";
import { changesOf, type Flow, isChanged, newPart, partOf, withoutPart } from "./flow.ts";
import { defaults, findings, questions, type Setting, sections } from "./form.ts";
import { idNumberFault } from "./numbers.ts";
import type { Field, Programme, RecordType } from "./programme.ts";

function field(name: string, more: Partial<Field> = {}): Field {
  return {
    name,
    type: "text",
    section: "main",
    label: { zh: name, en: name },
    hint: null,
    required: null,
    relevant: null,
    constraint: null,
    constraint_message: null,
    default: null,
    calculation: null,
    choice_filter: null,
    readonly: null,
    appearance: "",
    policy: "latest",
    volunteer: false,
    office_only: false,
    search: "",
    card: false,
    ...more,
  };
}

function type(name: string, kind: RecordType["kind"], fields: Field[]): RecordType {
  const label = { zh: name, en: name };
  return { name, kind, label, sections: [{ name: "main", label }], fields };
}

const CHILD = {
  ...type("child", "entity", [
    field("household_id", { appearance: "context", ref: "household" }),
    field("name", { required: true, volunteer: true }),
    field("birth_date", { type: "date", required: true }),
    field("sick", { type: "select_one", default: "N" }),
    field("illness", { relevant: ["=", ["field", "sick"], "Y"], required: true }),
    field("risk", { office_only: true }),
    field("file_no", { derived: true }),
  ]),
  volunteer_edits: ["name"],
};
const VISIT = type("visit", "event", [field("met", { type: "select_multiple", required: true })]);
const PROGRAMME: Programme = {
  version: "p",
  types: { child: CHILD, visit: VISIT },
  lists: {},
  rules: [],
};
const setting = (role: string): Setting => ({
  programme: PROGRAMME,
  language: "zh",
  role,
  now: 0,
  preset: new Set(),
});
const names = (fields: Field[]) => fields.map((each) => each.name);

function flow(parts: Flow["parts"]): Flow {
  return {
    id: "f",
    kind: "record",
    household: null,
    parts,
    at: null,
    section: 0,
    trail: [],
    touched: true,
    from: "",
  };
}

test("only what a phone may ask is asked, and only while it is relevant", () => {
  assert.deepEqual(names(questions(CHILD, {}, setting("surveyor"))), [
    "name",
    "birth_date",
    "sick",
  ]);
  assert.deepEqual(names(questions(CHILD, { sick: "Y" }, setting("surveyor"))).slice(-1), [
    "illness",
  ]);
  assert.deepEqual(names(questions(CHILD, {}, setting("volunteer"))), ["name"]);
  assert.equal(sections(CHILD, {}, setting("surveyor")).length, 1);
});

test("a missing name forbids saving, a missing birth date only asks", () => {
  const found = findings(CHILD, {}, setting("surveyor"));

  assert.deepEqual(
    found.map((each) => [each.field.name, each.kind, each.hard]),
    [
      ["name", "missing", true],
      ["birth_date", "missing", false],
    ],
  );
});

test("a day half typed is odd, and is sent as it was typed", () => {
  const part = newPart("c", "child", { name: "甲", birth_date: "2015-5-" });

  assert.equal(findings(CHILD, part.now, setting("surveyor"))[0]?.kind, "odd");
  assert.deepEqual(changesOf(flow([part]), PROGRAMME, (_generation, seq) => seq)[0]?.set, {
    present: true,
    name: "甲",
    birth_date: "2015-5-",
  });
});

test("a wrong identity number is pointed out and kept", () => {
  assert.equal(idNumberFault("99000020140312001６"), "");
  assert.equal(idNumberFault("11010519491231002x"), "");
  assert.equal(idNumberFault("110105194912310021"), "checksum");
  assert.equal(idNumberFault("1101051949123"), "length");
});

test("everything required of an event is needed to save it", () => {
  assert.equal(findings(VISIT, {}, setting("volunteer"))[0]?.hard, true);
  assert.deepEqual(findings(VISIT, { met: ["C"] }, setting("volunteer")), []);
});

test("a new record starts from the programme's defaults", () => {
  assert.deepEqual(defaults(CHILD, setting("surveyor")), { sick: "N" });
});

test("an opened record that was not changed is not sent", () => {
  const row = { id: "c", type: "child", rev: 4, fields: { name: "甲" } };
  const part = partOf(row, CHILD.fields, { rev: 4, generation: 1, own: {} });

  assert.equal(isChanged(part, PROGRAMME), false);
  assert.deepEqual(
    changesOf(flow([part]), PROGRAMME, (_generation, seq) => seq),
    [],
  );
});

test("an edit stands on what the form stood on when it opened", () => {
  const row = { id: "c", type: "child", rev: 4, fields: { name: "甲" } };
  const basis = { rev: 4, generation: 1, own: { name: { seq: 7, base: 2 } } };
  const part = { ...partOf(row, CHILD.fields, basis), now: { name: "乙" } };

  assert.deepEqual(
    changesOf(flow([part]), PROGRAMME, (_generation, seq) => seq),
    [{ record: "c", type: "child", base: 2, set: { name: "乙" }, prev: { name: 7 } }],
  );
});

test("taking out a new person takes out the new links to that person", () => {
  const person = newPart("p", "person", {});
  const link = newPart("l", "parent_link", { parent_id: "p" });
  const child = newPart("c", "child", {});

  const left = withoutPart(flow([person, link, child]), "p");

  assert.deepEqual(
    left.parts.map((part) => part.id),
    ["c"],
  );
});
