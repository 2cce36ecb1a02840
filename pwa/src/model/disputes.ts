// Own answers that stand against another person's, and what became of them. Pure.
import type { Op } from "./pending.ts";
import type { EditValue, Id, WireRow } from "./wire.ts";

/** `record/key` -> what this person had answered. */
export type Disputes = Record<string, EditValue>;

export interface Decision {
  record: Id;
  key: string;
  mine: EditValue;
  /** When the office decided, ms, and why; 0 and "" when the village did not tell. */
  at: number;
  reason: string;
}

const KEPT = 20;

/** What the register shows as contested and this phone has answered. */
export function disputesIn(
  buckets: Iterable<ReadonlyMap<Id, WireRow>>,
  ops: readonly Op[],
): Disputes {
  const contested = new Set<string>();
  for (const rows of buckets) {
    for (const [id, row] of rows) {
      for (const key of Object.keys(row[4] ?? {})) contested.add(`${id}/${key}`);
    }
  }
  const found: Disputes = {};
  if (contested.size === 0) return found;
  for (const op of ops) {
    for (const { record, set } of op.changes) {
      for (const [key, value] of Object.entries(set)) {
        if (contested.has(`${record}/${key}`)) found[`${record}/${key}`] = value;
      }
    }
  }
  return found;
}

export const ended = (before: Disputes, now: Disputes): string[] =>
  Object.keys(before).filter((name) => !(name in now));

/** The decisions to show, newest first. */
export function decided(
  names: readonly string[],
  before: Disputes,
  told: ReadonlyMap<string, { at: number; reason: string }>,
  older: readonly Decision[],
): Decision[] {
  const fresh = names.map((name): Decision => {
    const slash = name.indexOf("/");
    const { at = 0, reason = "" } = told.get(name) ?? {};
    const mine = before[name] ?? null;
    return { record: name.slice(0, slash), key: name.slice(slash + 1), mine, at, reason };
  });
  return [...fresh, ...older].slice(0, KEPT);
}
