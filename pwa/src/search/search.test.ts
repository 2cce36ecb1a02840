import assert from "node:assert/strict";
import { test } from "node:test";
import type { Row } from "../model/pending.ts";
import { initialsOf } from "./initials.ts";
import { alreadyThere, type Entry, entryOf, search } from "./search.ts";

const row = (id: string, type: string, fields: Row["fields"]): Row => ({
  id,
  type,
  rev: 1,
  fields,
});

const ROWS = [
  row("h", "household", { head_name: "顾大山", household_no: "99000010120101007" }),
  row("c", "child", {
    name: "顾小满",
    name_pinyin: "gu xiao man",
    birth_date: "2015-05-21",
    phones: { a1b2: { number: "100 0000 1234" } },
  }),
  row("n", "person", { name: "单淼" }),
  row("v", "visit", { name: "顾" }),
];
const ENTRIES = ROWS.map(entryOf).filter((entry): entry is Entry => entry !== null);
const found = (text: string) => search(ENTRIES, text).map(({ id }) => id);

test("initials come from the phone's own table when the server has not spoken", () => {
  assert.equal(initialsOf("顾小满"), "gxm");
  assert.equal(initialsOf("单淼"), "sm");
  assert.equal(initialsOf("尉迟鑫"), "ycx");
  assert.equal(initialsOf("阿依古丽·买买提"), "aygl" + "mmt");
});

test("a name is found by its characters, reading, initials and southern sound", () => {
  assert.deepEqual(found("小满"), ["c"]);
  assert.deepEqual(found("guxiao"), ["c"]);
  assert.deepEqual(found("GXM"), ["c"]);
  assert.deepEqual(found("sm"), ["n"]);
  assert.deepEqual(found("xiaoman"), ["c"]);
});

test("whoever begins with the typed letters comes before who merely holds them", () => {
  assert.deepEqual(found("顾"), ["h", "c"]);
});

test("a household is found by the end of its number, a person by a part of the phone number", () => {
  assert.deepEqual(found("7"), ["h"]);
  assert.deepEqual(found("１２３４"), ["c"]);
});

test("nothing typed finds nothing", () => {
  assert.deepEqual(found("  "), []);
});

test("somebody of the same sound and month of birth may be there already", () => {
  const typed = { id: "x", type: "child", name: "顾晓曼", birth: "2015-05-01" };

  assert.deepEqual(
    alreadyThere(ENTRIES, typed).map(({ id }) => id),
    ["c"],
  );
  assert.deepEqual(alreadyThere(ENTRIES, { ...typed, birth: "2014-05-01" }), []);
  assert.deepEqual(alreadyThere(ENTRIES, { ...typed, type: "person" }), []);
});
