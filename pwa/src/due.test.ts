import assert from "node:assert/strict";
import { test } from "node:test";
import vectors from "../../tests/vectors/due.json" with { type: "json" };
import {
  birthdays,
  type Calendar,
  type DueRow,
  type DueRule,
  dueList,
  festivals,
  homecomings,
} from "./due.ts";

const calendar = vectors.calendar as unknown as Calendar;
const all = vectors.rules as unknown as DueRule[];

for (const entry of vectors.cases) {
  test(entry.name, () => {
    const rules = all.map((rule) => ({ ...rule, on: entry.rules.includes(rule.name) }));
    const held = entry.held as unknown as Record<string, DueRow[]>;

    const found = dueList((type) => held[type] ?? [], rules, calendar, entry.today);

    assert.deepEqual(
      found.map(({ subject, ...rest }) => ({ subject: subject.id, ...rest })),
      entry.due,
    );
  });
}

for (const { name, kind, today, rows, found } of vectors.near) {
  test(name, () => {
    const near = { birthdays, homecomings }[kind];
    const told = near
      ? near(rows as DueRow[], today).map(([on, row]) => [on, row.id])
      : festivals(calendar, today);

    assert.deepEqual(told, found);
  });
}
