import assert from "node:assert/strict";
import { test } from "node:test";
import vectors from "../../tests/vectors/due.json" with { type: "json" };
import { type DueRow, type DueRule, dueList } from "./due.ts";

const rules = vectors.rules as unknown as DueRule[];

for (const entry of vectors.cases) {
  test(entry.name, () => {
    const found = dueList(
      entry.children as DueRow[],
      entry.visits as DueRow[],
      rules,
      entry.today,
    ).map(({ child, due_on, state, last_on }) => ({ child: child.id, due_on, state, last_on }));

    assert.deepEqual(found, entry.due);
  });
}

test("rules about other events and subjects are left to others", () => {
  const talk = rules.map((rule) => ({ ...rule, event: "talk" }));
  const entry = vectors.cases[0];

  assert.deepEqual(dueList((entry?.children ?? []) as DueRow[], [], talk, "2024-09-10"), []);
});
