import assert from "node:assert/strict";
import { test } from "node:test";
import { changesOf, type Flow, newPart } from "./flow.ts";
import { completed, defaults, findings, type Setting } from "./form.ts";
import { type Field, formOf, type Programme, type RecordType } from "./programme.ts";

const NAME = "own_990000101201_water";

const field = (name: string, more: Partial<Field> = {}): Field => ({
  name,
  type: "text",
  section: "s",
  label: { zh: name, en: name },
  hint: null,
  required: false,
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
});

const version = (number: number, ...fields: Field[]): RecordType => ({
  name: NAME,
  kind: "event",
  label: { zh: "饮水", en: "Water" },
  sections: [{ name: "s", label: { zh: "饮水", en: "Water" } }],
  fields: [
    field("form_version", { type: "integer", default: number, appearance: "context" }),
    ...fields,
  ],
});

const programme: Programme = {
  version: "p",
  types: { [NAME]: version(2, field("coat")) },
  versions: { [`${NAME}@1`]: version(1, field("quilt", { required: true })) },
  lists: {},
  rules: [],
};

const setting = (more: Partial<Setting> = {}): Setting => ({
  programme,
  language: "zh",
  role: "surveyor",
  now: Date.UTC(2026, 10, 28),
  demo: false,
  preset: new Set(),
  ...more,
});

test("a new record is of the newest version, a draft of the one it was begun in", () => {
  const newest = programme.types[NAME];
  assert.ok(newest);
  assert.equal(defaults(newest, setting()).form_version, "2");
  assert.equal(formOf(programme, NAME, { form_version: "2" }), newest);
  assert.equal(formOf(programme, NAME, { form_version: "1" }), programme.versions?.[`${NAME}@1`]);
  assert.equal(formOf(programme, NAME, { form_version: "9" }), newest, "one that is not here");
  assert.equal(formOf(null, NAME, {}), undefined);
});

test("a draft of an old version sends that version's answers, and is missed by its rules", () => {
  const now = { form_version: "1", quilt: "两床", coat: "无" };
  const part = newPart("a".repeat(32), NAME, now);
  const flow = { parts: [part] } as unknown as Flow;
  const [change] = changesOf(flow, programme, () => undefined as never);
  assert.deepEqual(change?.set, { present: true, form_version: 1, quilt: "两床" });
  const old = formOf(programme, NAME, now);
  assert.ok(old);
  assert.deepEqual(
    findings(old, { form_version: "1" }, setting()).map((each) => [each.field.name, each.kind]),
    [["quilt", "missing"]],
  );
});

test("what was read out to somebody is sent", () => {
  const type = version(1, field("heard", { type: "acknowledge" }));
  const only = { ...programme, types: { [NAME]: type }, versions: {} };
  const flow = { parts: [newPart("a".repeat(32), NAME, { heard: "OK" })] } as unknown as Flow;
  const [change] = changesOf(flow, only, () => undefined as never);
  assert.deepEqual(change?.set, { present: true, heard: "OK" });
});

test("a formula looks up a record that is on this phone, and finds nothing of one that is not", () => {
  const type = version(
    1,
    field("signer", { type: "ref", ref: "person" }),
    field("name", {
      type: "calculate",
      calculation: ["pulldata", "person", "name", ["field", "signer"]],
    }),
  );
  const known: Record<string, { name: string }> = { p1: { name: "谷大叔甲" } };
  const looked = setting({ record: (_, id) => known[id] });
  assert.equal(completed(type, { signer: "p1" }, looked).name, "谷大叔甲");
  assert.equal(completed(type, { signer: "p2" }, looked).name, "");
});
