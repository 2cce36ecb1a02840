import assert from "node:assert/strict";
import { test } from "node:test";
import { forGrade } from "./form.ts";
import type { Choice } from "./programme.ts";

const choice = (name: string, grades?: string): Choice => ({
  name,
  label: { zh: name, en: name },
  ...(grades ? { grades } : {}),
});
const AIMS = [choice("low", "P1 P2 P3"), choice("high", "P4 P5 P6")];
const names = (choices: readonly Choice[]) => choices.map(({ name }) => name);

test("a child is offered the aims of its grade", () => {
  assert.deepEqual(names(forGrade(AIMS, "P5")), ["high"]);
});

test("a child of another grade, or of none, is offered all", () => {
  for (const grade of ["J1", "P", "", undefined]) {
    assert.deepEqual(names(forGrade(AIMS, grade)), ["low", "high"]);
  }
});

test("choices that are for no grade are offered to everybody", () => {
  assert.deepEqual(names(forGrade([choice("read"), choice("sing")], "P1")), ["read", "sing"]);
});
