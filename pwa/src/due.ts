// The due list: who has to be visited, by when. The same rules as server/programme/due.py, whose
// opening says what counts, held together by tests/vectors/due.json. Change both or neither.
import { type Context, type Expr, evaluate, truth, type Value } from "./forms/expression.ts";
import { addDays, dayOf, isDay } from "./model/clock.ts";

export interface DueRow {
  id: string;
  fields: Readonly<Record<string, unknown>>;
}

export interface DueRule {
  name: string;
  event: string;
  subject: string;
  by: string;
  every_days: Record<string, number>;
  counts_if?: Expr | null;
  applies_if?: Expr | null;
}

/** overdue: before today; this_week: today and the six days after; later. */
export type DueState = "overdue" | "this_week" | "later";

export interface Due<R extends DueRow = DueRow> {
  child: R;
  due_on: string;
  state: DueState;
  last_on: string | null;
  rule: string;
}

const SOON_DAYS = 7;

/** Every child to whom a visiting rule applies, earliest date first. */
export function dueList<R extends DueRow>(
  children: readonly R[],
  visits: readonly DueRow[],
  rules: readonly DueRule[],
  today: string,
): Due<R>[] {
  const corrected = new Set(visits.map((visit) => visit.fields.corrects_id));
  const standing = visits.filter((visit) => !corrected.has(visit.id));
  return rules
    .filter((rule) => rule.event === "visit" && rule.subject === "child")
    .flatMap((rule) => byRule(children, standing, rule, today))
    .sort((a, b) => compare(a.due_on, b.due_on) || compare(a.child.id, b.child.id));
}

function byRule<R extends DueRow>(
  children: readonly R[],
  visits: readonly DueRow[],
  rule: DueRule,
  today: string,
): Due<R>[] {
  const tomorrow = addDays(today, 1);
  const made = new Map<string, [on: string, agreed: string][]>();
  const last = new Map<string, string>();
  for (const { fields } of visits) {
    const { child_id: child, occurred_on: on, next_visit_on: agreed } = fields;
    if (typeof child !== "string" || typeof on !== "string" || !isDay(on) || on > tomorrow)
      continue;
    if (typeof agreed === "string" && isDay(agreed)) {
      const earlier = made.get(child);
      if (earlier) earlier.push([on, agreed]);
      else made.set(child, [[on, agreed]]);
    }
    if (holds(rule.counts_if, fields, today) && on > (last.get(child) ?? "")) last.set(child, on);
  }
  return children
    .filter((child) => holds(rule.applies_if, child.fields, today))
    .map((child) => {
      const lastOn = last.get(child.id) ?? null;
      const days = rule.every_days[String(child.fields[rule.by] ?? "")] ?? rule.every_days[""] ?? 0;
      const byPeriod = addDays(lastOn ?? earlier(createdOn(child.id, today), today), days);
      const agreed = agreedSince(made.get(child.id) ?? [], lastOn ?? "");
      const due_on = agreed === null ? byPeriod : earlier(byPeriod, agreed);
      return { child, due_on, state: stateOf(due_on, today), last_on: lastOn, rule: rule.name };
    });
}

/** The day agreed most recently, if it was agreed since the last visit that counts. */
function agreedSince(made: readonly [on: string, agreed: string][], lastOn: string): string | null {
  const since = made.filter(([on, agreed]) => on >= lastOn && agreed > lastOn);
  const newest = since.map(([on]) => on).reduce(later, "");
  const days = since.filter(([on]) => on === newest).map(([, agreed]) => agreed);
  return days.sort(compare)[0] ?? null;
}

export function stateOf(dueOn: string, today: string): DueState {
  if (dueOn < today) return "overdue";
  return dueOn < addDays(today, SOON_DAYS) ? "this_week" : "later";
}

/** The day in the village on which a UUIDv7 was made; `otherwise` for another kind of id. */
function createdOn(id: string, otherwise: string): string {
  if (!/^[0-9a-f]{12}7/.test(id)) return otherwise;
  const instant = Number.parseInt(id.slice(0, 12), 16);
  return instant > 100_000 * 86_400_000 ? otherwise : dayOf(instant);
}

function holds(
  condition: Expr | null | undefined,
  fields: Readonly<Record<string, unknown>>,
  today: string,
): boolean {
  if (condition === null || condition === undefined) return true;
  const context: Context = { values: valuesOf(fields), today, now: 0, label: (_, name) => name };
  return truth(evaluate(condition, context));
}

/** A record's fields as an expression sees them: the entries of a list field by their number. */
function valuesOf(fields: Readonly<Record<string, unknown>>): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (Array.isArray(value)) values[name] = value.map(String);
    else if (typeof value === "object" && value !== null) {
      values[name] = Object.values(value).map((entry) => String(entry?.number ?? ""));
    } else if (value !== null && value !== undefined) values[name] = value as Value;
  }
  return values;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const later = (a: string, b: string): string => (compare(a, b) > 0 ? a : b);
const earlier = (a: string, b: string): string => (compare(a, b) < 0 ? a : b);
