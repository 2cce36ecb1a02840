import assert from "node:assert/strict";
import { test } from "node:test";
import { editsBetween, type FormValues, toFormValues } from "../model/edits.ts";
import { entriesOf, newEntry } from "../model/repeats.ts";
import {
  completed,
  contextOf,
  entriesFor,
  findings,
  isReadonly,
  questions,
  type Setting,
} from "./form.ts";
import type { Field, RecordType } from "./programme.ts";

function field(name: string, more: Partial<Field> = {}): Field {
  return {
    name,
    type: "text",
    section: "main",
    label: { zh: `问${name}`, en: `ask ${name}` },
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

const LABEL = { zh: "名册", en: "roster" };
const MEMBERS = field("members", {
  type: "repeat",
  fields: [
    field("called", { required: true }),
    field("years", { type: "integer", constraint: ["<=", ["."], 120] }),
    field("school", { relevant: ["<", ["field", "years"], 18] }),
    field("double", { type: "calculate", calculation: ["*", ["field", "years"], 2] }),
    field("likes", { type: "select_multiple" }),
  ],
});
const FORM: RecordType = {
  name: "own_roster",
  kind: "event",
  label: LABEL,
  sections: [{ name: "main", label: LABEL }],
  fields: [
    field("head"),
    MEMBERS,
    field("total", { type: "calculate", calculation: ["sum", ["field", "years"]] }),
    field("how_many", { type: "calculate", calculation: ["count", ["field", "members"]] }),
  ],
};
const SETTING: Setting = {
  programme: { version: "p", types: { own_roster: FORM }, lists: {}, rules: [] },
  language: "zh",
  role: "surveyor",
  now: 0,
  preset: new Set(),
};

test("outside its repeat a question stands for the answers of all entries", () => {
  const members = [
    newEntry({ called: "甲", years: "40" }),
    newEntry({ called: "乙", years: "9" }),
    newEntry({ called: "丙" }),
  ];

  const { values } = contextOf(FORM, { members }, SETTING);

  assert.equal(values.total, 49);
  assert.equal(values.how_many, 3);
  assert.deepEqual(values.called, ["甲", "乙", "丙"]);
});

test("a form with an empty repeat is filled in as any other", () => {
  assert.deepEqual(findings(FORM, {}, SETTING), []);
  assert.equal(contextOf(FORM, { members: [] }, SETTING).values.how_many, 0);
});

test("what is odd in an entry names the entry and its question", () => {
  const members = [
    newEntry({ called: "甲", years: "40" }),
    newEntry({ called: "", years: "200" }),
    newEntry({ called: "丙", years: "-" }),
  ];

  const found = findings(FORM, { members }, SETTING);

  assert.deepEqual(
    found.map((each) => [each.within?.place, each.field.name, each.kind]),
    [
      [2, "called", "missing"],
      [2, "years", "odd"],
      [3, "years", "odd"],
    ],
  );
});

test("a counted repeat offers as many entries as its count says and drops none that were filled", () => {
  const counted = { ...MEMBERS, count: 2 };
  const form = { ...FORM, fields: [counted] };
  const three = [
    newEntry({ called: "甲" }),
    newEntry({ called: "乙" }),
    newEntry({ called: "丙" }),
  ];

  assert.equal(entriesFor(counted, form, {}, SETTING).length, 2);
  assert.deepEqual(entriesFor(counted, form, { members: three }, SETTING), three);
  assert.equal(
    entriesFor({ ...counted, count: 1_000_000 }, form, {}, SETTING).length,
    200,
    "a count mistyped does not hang the phone",
  );
});

test("calculations are kept with the record and with each entry", () => {
  const now = completed(FORM, { members: [newEntry({ called: "甲", years: "40" })] }, SETTING);

  assert.equal(now.total, "40");
  assert.equal(entriesOf(now.members)[0]?.values.double, "80");
});

test("an entry goes and comes as one object, and a changed one replaces what was there", () => {
  const was: FormValues = { members: [] };
  const entry = newEntry({ called: " 甲 ", years: "9", likes: ["2", "1"] });

  const added = editsBetween(FORM.fields, was, { members: [entry, newEntry()] });
  assert.deepEqual(added, {
    [`members/${entry.entry}`]: { called: "甲", years: 9, likes: ["1", "2"] },
  });

  const held = toFormValues(FORM.fields, {
    members: { [entry.entry]: added[`members/${entry.entry}`] ?? "" },
  });
  assert.deepEqual(editsBetween(FORM.fields, held, held), {}, "opening it changes nothing");

  const [opened] = entriesOf(held.members);
  assert.ok(opened);
  const changed = { ...opened, values: { ...opened.values, called: "乙" } };
  const edits = editsBetween(FORM.fields, held, { ...held, members: [changed] });
  assert.equal(edits[`members/${entry.entry}`], null);
  assert.deepEqual(
    Object.values(edits).find((value) => value !== null),
    { called: "乙", years: 9, likes: ["1", "2"], replaces: entry.entry },
  );

  assert.deepEqual(editsBetween(FORM.fields, held, { ...held, members: [] }), {
    [`members/${entry.entry}`]: null,
  });
});

test("a calculation is shown when the form gives it words, and is shut against typing", () => {
  const form = {
    ...FORM,
    fields: [
      field("shown", { type: "calculate", calculation: 1 }),
      field("silent", { type: "calculate", calculation: 1, label: { zh: "silent", en: "silent" } }),
      field("given", { readonly: true, default: "x" }),
    ],
  };

  const asked = questions(form, {}, SETTING);
  assert.deepEqual(
    asked.map((each) => each.name),
    ["shown", "given"],
  );
  assert.ok(asked.every((each) => isReadonly(each, form, {}, SETTING)));
});

test("numbers, times and moments begun and not finished are odd", () => {
  const odd = (type: string, value: string, more: Partial<Field> = {}) =>
    findings({ ...FORM, fields: [field("q", { type, ...more })] }, { q: value }, SETTING).length;
  const range = { start: 1, end: 5, step: 1 };

  assert.deepEqual(
    [odd("decimal", "1.5"), odd("decimal", "1."), odd("decimal", "1e3"), odd("integer", "--")],
    [0, 1, 1, 1],
  );
  assert.deepEqual([odd("range", "5", { range }), odd("range", "6", { range })], [0, 1]);
  assert.deepEqual([odd("time", "09:30"), odd("time", "25:00")], [0, 1]);
  assert.deepEqual(
    [
      odd("datetime", "2026-05-04T09:30"),
      odd("datetime", "2026-05-04T"),
      odd("datetime", "T09:30"),
    ],
    [0, 1, 1],
  );
});
