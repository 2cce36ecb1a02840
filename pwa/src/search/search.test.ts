import assert from "node:assert/strict";
import { test } from "node:test";
import type { Row } from "../model/pending.ts";
import { entryOf } from "./entries.ts";
import { Index, search } from "./search.ts";
import { initialsOf, readingOf, readSpelling } from "./sounds.ts";
import { alreadyThere, type Typed } from "./twins.ts";

await readSpelling();

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
];
const ENTRIES = ROWS.map(entryOf);
const INDEX = new Index(ENTRIES);
const found = (text: string) => search(INDEX, text).map(({ id }) => id);

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
  assert.deepEqual(found("顾大山家"), ["h"]);
});

test("a household is found by the end of its number, a person by a part of the phone number", () => {
  assert.deepEqual(found("7"), ["h"]);
  assert.deepEqual(found("１２３４"), ["c"]);
});

test("southern ears find whom others spell otherwise", () => {
  const named = (name_pinyin: string) =>
    entryOf(row(name_pinyin, "person", { name: "某", name_pinyin }));
  const index = new Index(["lin hu", "nin fu sheng", "hu lan", "cheng ling"].map(named));
  const heard = (text: string) => search(index, text).map(({ id }) => id);

  assert.deepEqual(heard("nin"), ["nin fu sheng", "lin hu"]);
  assert.deepEqual(heard("ninhu"), ["lin hu", "nin fu sheng"]);
  assert.deepEqual(heard("funan"), ["hu lan"]);
  assert.deepEqual(heard("cenglin"), ["cheng ling"]);
  assert.deepEqual(heard("n"), ["nin fu sheng"]);
});

test("letters in two people's names, one after the other, find neither", () => {
  const index = new Index(
    [row("a", "person", { name: "顾大" }), row("b", "person", { name: "山水" })].map(entryOf),
  );

  assert.deepEqual(search(index, "大山"), []);
  assert.deepEqual(
    search(index, "山").map(({ id }) => id),
    ["b"],
  );
});

test("of one type alone, others do not take the place", () => {
  assert.deepEqual(
    search(INDEX, "顾", 1, "child").map(({ id }) => id),
    ["c"],
  );
});

test("nothing typed finds nothing", () => {
  assert.deepEqual(found("  "), []);
});

test("the phone reads names as the server does, surnames and minority names too", () => {
  const read = (name: string) => readingOf(name).join(" ");

  assert.equal(read("单小女"), "shan xiao nv");
  assert.equal(read("曾绿"), "zeng lv");
  assert.equal(read("查·阿依"), "zha a yi");
  assert.equal(read("单"), "dan");
  assert.equal(read("尉迟鑫"), "yu chi xin");
});

const typed = (more: Partial<Typed>): Typed => ({
  id: "x",
  type: "child",
  name: "",
  birth: "",
  phones: [],
  kin: new Set(),
  ...more,
});
const twins = (more: Partial<Typed>) => alreadyThere(ENTRIES, typed(more)).map(({ id }) => id);

test("somebody of the same name, or of one sound and month of birth, may be there already", () => {
  assert.deepEqual(twins({ name: "顾小满" }), ["c"]);
  assert.deepEqual(twins({ name: "顾晓曼", birth: "2015-05-01" }), ["c"]);
  assert.deepEqual(twins({ name: "顾晓曼" }), ["c"]);
  assert.deepEqual(twins({ name: "顾晓曼", birth: "2014-05-01" }), []);
  assert.deepEqual(twins({ name: "顾晓曼", birth: "2015-05-01", type: "person" }), []);
  assert.deepEqual(twins({ name: "满", birth: "2015-05-01" }), []);
});

test("a sound that only southern ears hear as one needs the birthday or a phone", () => {
  assert.deepEqual(twins({ name: "顾晓忙", birth: "2015-05-01" }), ["c"]);
  assert.deepEqual(twins({ name: "顾晓忙" }), []);
  assert.deepEqual(twins({ name: "顾晓忙", birth: "2014-01-01", phones: ["100-0000 1234"] }), [
    "c",
  ]);
});

test("a carer's phone and the month of birth find a child under another name", () => {
  assert.deepEqual(twins({ name: "顾毛毛", birth: "2015-05-01" }), []);
  assert.deepEqual(twins({ name: "顾毛毛", birth: "2015-05-01", kin: new Set(["c"]) }), ["c"]);
});

test("a household of the same head is there already", () => {
  assert.deepEqual(twins({ type: "household", name: "顾大山" }), ["h"]);
  assert.deepEqual(twins({ type: "household", name: "顾达珊" }), ["h"]);
  assert.deepEqual(twins({ type: "household", name: "顾大水" }), []);
});

test("5,000 people are searched while typing, by name, reading, initials, house number and phone", () => {
  const many = Array.from({ length: 5_000 }, (_, at) => {
    const pick = (from: string, by: number) => from[Math.floor(at / by) % from.length];
    const name = `${pick("谷田江林叶白石安", 1)}${pick("小大立春", 8)}${pick("满雪露寒霜降明秋", 32)}`;
    return row(`p${at}`, at % 3 ? "person" : "household", {
      [at % 3 ? "name" : "head_name"]: name,
      ...(at % 3
        ? { phones: { a: { number: `1${String(at).padStart(10, "0")}` } } }
        : { household_no: `99000010120101${String(at % 1000).padStart(3, "0")}` }),
    });
  });
  const held = many.map(entryOf);
  const index = new Index(held);
  const first = (text: string) => search(index, text)[0]?.id;

  assert.equal(held.length, 5_000);
  assert.equal(held.find((entry) => entry.row.id === first("谷小满"))?.name, "谷小满");
  assert.equal(held.find((entry) => entry.row.id === first("tianxiaoman"))?.name, "田小满");
  assert.equal(held.find((entry) => entry.row.id === first("jxm"))?.name, "江小满");
  assert.equal(first("4321"), "p4321");
  assert.match(String(search(index, "42")[0]?.fields.household_no), /042$/);
  assert.equal(search(index, "g").length, 50);
});
