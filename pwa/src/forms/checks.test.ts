import assert from "node:assert/strict";
import { test } from "node:test";
import vectors from "../../../tests/vectors/checks.json" with { type: "json" };
import { toFormValues } from "../model/edits.ts";
import type { Fields } from "../model/wire.ts";
import { findings, type Setting } from "./form.ts";
import { idNumberFacts, idNumberFault, isAreaCode, phoneKind } from "./numbers.ts";
import type { Programme, RecordType } from "./programme.ts";

const EMPTY = { zh: "", en: "" };
const FORM = {
  ...vectors.form,
  kind: "entity",
  label: EMPTY,
  sections: [{ name: "main", label: EMPTY }],
} as unknown as RecordType;
const SETTING: Setting = {
  programme: {
    version: "v",
    types: { checks: FORM },
    lists: Object.fromEntries(
      Object.entries(vectors.lists).map(([name, codes]) => [
        name,
        codes.map((code) => ({ name: code, label: EMPTY })),
      ]),
    ),
    rules: [],
    messages: { id_birth: { zh: "号码说生于 {there}", en: "born on {there}" } },
  } satisfies Programme,
  language: "zh",
  role: "surveyor",
  now: Date.parse(`${vectors.today}T04:00:00Z`),
  preset: new Set(),
};

for (const each of vectors.cases) {
  test(`${each.name}: the phone says what the server says`, () => {
    const values = toFormValues(FORM.fields, each.values as unknown as Fields);
    const found = findings(FORM, values, { ...SETTING, demo: each.demo });

    assert.deepEqual(
      found.map(({ field, code }) => [field.name, code]).sort(),
      [...each.found].sort(),
    );
  });
}

test("numbers are judged as on the server", () => {
  for (const { typed, fault } of vectors.id_numbers) {
    assert.equal(idNumberFault(typed), fault, typed);
  }
  for (const { typed, says } of vectors.facts) assert.deepEqual(idNumberFacts(typed), says, typed);
  for (const { typed, kind } of vectors.phones) assert.equal(phoneKind(typed), kind, typed);
  for (const { code, is } of vectors.areas) assert.equal(isAreaCode(code), is, code);
});

test("the words of an oddity come with the programme, filled in", () => {
  const values = { name: "甲", id_number: "11010519491231002X", birth_date: "1950-01-01" };

  const [found] = findings(FORM, values, SETTING);

  assert.equal(found?.message?.zh, "号码说生于 1949-12-31");
});
