import assert from "node:assert/strict";
import { test } from "node:test";
import { comingUp, isAbsent, latestBy } from "./coming.ts";

const row = (id: string, fields: Record<string, unknown>) => ({ id, fields });
const TODAY = "2026-12-28";

test("birthdays of the week and parents coming home within two weeks, the next one first", () => {
  const children = [
    row("a", { birth_date: "2016-01-02" }),
    row("b", { birth_date: "2015-12-28" }),
    row("c", { birth_date: "2015-12-27" }),
    row("month", { birth_date: "2015-12-29", birth_approximate: "month" }),
    row("lunar", { birth_date: "2015-12-29", birth_lunar: "Y" }),
  ];
  const links = [
    row("l", { next_home_on: "2027-01-10" }),
    row("m", { next_home_on: "2027-01-12" }),
  ];

  const found = comingUp(children, links, TODAY).map(({ row: { id }, on }) => [id, on]);
  assert.deepEqual(found, [
    ["b", "2026-12-28"],
    ["a", "2027-01-02"],
    ["l", "2027-01-10"],
  ]);
});

test("a birthday on 29 February is kept on 1 March in other years", () => {
  const child = [row("a", { birth_date: "2016-02-29" })];

  assert.equal(comingUp(child, [], "2027-02-25")[0]?.on, "2027-03-01");
  assert.equal(comingUp(child, [], "2028-02-25")[0]?.on, "2028-02-29");
});

test("who was not met comes again until somebody is met; a corrected event says nothing", () => {
  const away = row("1", { child_id: "c", occurred_on: "2026-12-01", met: ["NONE"] });
  const met = row("2", { child_id: "c", occurred_on: "2026-12-02", met: ["CHILD"] });
  const wrong = row("3", { child_id: "d", occurred_on: "2026-12-02", corrects_id: "2" });

  assert.equal(isAbsent(latestBy([away], "child_id").get("c")), true);
  assert.equal(isAbsent(latestBy([away, met], "child_id").get("c")), false);
  assert.equal(isAbsent(latestBy([away, met, wrong], "child_id").get("c")), true);
  assert.equal(isAbsent(undefined), false);
});
