import assert from "node:assert/strict";
import { test } from "node:test";
import { addDays, ageOn, dayOf, daysBetween, isDay, padded, uuid7 } from "./clock.ts";

test("the day turns at midnight in the village", () => {
  assert.equal(dayOf(Date.UTC(2026, 10, 22, 15, 59)), "2026-11-22");
  assert.equal(dayOf(Date.UTC(2026, 10, 22, 16, 0)), "2026-11-23");
});

test("days are counted over months and leap years", () => {
  assert.equal(addDays("2028-02-28", 2), "2028-03-01");
  assert.equal(daysBetween("2026-12-30", "2027-01-02"), 3);
  assert.equal(isDay("2027-02-29"), false);
});

test("a day typed without its zeros is a day", () => {
  assert.equal(padded("2018-4-7"), "2018-04-07");
  assert.equal(padded("2018-12-17"), "2018-12-17");
  assert.equal(isDay(padded("2018-4-")), false);
});

test("age turns on the birthday", () => {
  assert.equal(ageOn("2014-03-12", "2026-03-11"), 11);
  assert.equal(ageOn("2014-03-12", "2026-03-12"), 12);
  assert.equal(ageOn("2014", "2026-03-12"), null);
});

test("ids are UUIDv7 in hex, ascending within one millisecond", () => {
  const ids = Array.from({ length: 5000 }, () => uuid7(1_795_320_000_000));

  assert.match(ids[0] ?? "", /^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  assert.deepEqual([...ids].sort(), ids);
  assert.equal(new Set(ids).size, ids.length);
});
