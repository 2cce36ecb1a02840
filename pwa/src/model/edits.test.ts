import assert from "node:assert/strict";
import { test } from "node:test";
import { editsBetween, toFormValues } from "./edits.ts";

const KINDS = [
  { name: "name", type: "text" },
  { name: "population", type: "integer" },
  { name: "hobby", type: "select_multiple" },
  { name: "phones", type: "list" },
  { name: "greeting", type: "note" },
];

test("only what changed becomes an edit", () => {
  const was = toFormValues(KINDS, { name: "甲", population: 4, hobby: ["01"] });

  assert.deepEqual(editsBetween(KINDS, was, was), {});
  assert.deepEqual(editsBetween(KINDS, was, { ...was, population: "5", hobby: ["02"] }), {
    population: 5,
    "hobby/02": true,
    "hobby/01": false,
  });
});

test("an emptied answer empties the field", () => {
  const was = toFormValues(KINDS, { name: "甲" });

  assert.deepEqual(editsBetween(KINDS, was, { ...was, name: "  " }), { name: null });
});

test("editing a number takes the old entry out and names it in the new one", () => {
  const was = toFormValues(KINDS, { phones: { a01b: { number: "111" } } });

  const edits = editsBetween(KINDS, was, { ...was, phones: [{ entry: "a01b", number: "222" }] });

  const added = Object.entries(edits).filter(([, value]) => value !== null);
  assert.equal(edits["phones/a01b"], null);
  assert.deepEqual(
    added.map(([, value]) => value),
    [{ number: "222", replaces: "a01b" }],
  );
  assert.match(added[0]?.[0] ?? "", /^phones\/[a-z0-9]{4,12}$/);
});

test("an untouched number stays, a removed one is emptied, an empty new one is nothing", () => {
  const was = toFormValues(KINDS, { phones: { a01b: { number: "111" }, c02d: { number: "2" } } });

  const edits = editsBetween(KINDS, was, {
    ...was,
    phones: [{ entry: "a01b", number: "111" }, { number: " " }],
  });

  assert.deepEqual(edits, { "phones/c02d": null });
});

test("what is no number and no day is sent as it was typed", () => {
  const kinds = [
    { name: "population", type: "integer" },
    { name: "birth_date", type: "date" },
    { name: "left_since", type: "month" },
  ];
  const typed = { population: "四五个", birth_date: "2014-3-", left_since: "2014-" };

  assert.deepEqual(editsBetween(kinds, {}, typed), typed);
});
