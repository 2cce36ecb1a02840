import assert from "node:assert/strict";
import { test } from "node:test";
import vectors from "../../../tests/vectors/expressions.json" with { type: "json" };
import { type Context, type Expr, evaluate, type Value } from "./expression.ts";

const labels: Record<string, Record<string, string>> = vectors.labels;
const records: Record<string, Record<string, Record<string, Value>>> = vectors.records;
const context: Context = {
  values: vectors.values,
  today: vectors.today,
  now: vectors.now,
  label: (list, name) => labels[list]?.[name] ?? name,
  position: vectors.position,
  record: (type, id) => records[type]?.[id],
};

for (const entry of vectors.cases as {
  text: string;
  tree: Expr;
  current?: Value;
  value: Value;
}[]) {
  test(`${entry.text} is ${JSON.stringify(entry.value)}`, () => {
    const own = entry.current === undefined ? context : { ...context, current: entry.current };

    assert.deepEqual(evaluate(entry.tree, own), entry.value);
  });
}

test("an operation nobody knows is not run", () => {
  assert.throws(() => evaluate(["indexed-repeat", "x"], context), /indexed-repeat/);
});

test("a new id is made each time it is asked for", () => {
  assert.notEqual(evaluate(["uuid"], context), evaluate(["uuid"], context));
});
