// The due list: what has to be done for whom, by when. The same rules as server/programme/due.py, whose
// opening says what counts, held together by tests/vectors/due.json. Change both or neither.
import { type Context, type Expr, evaluate, truth, type Value } from "./forms/expression.ts";
import { addDays, dayOf, isDay } from "./model/clock.ts";

export interface DueRow {
  id: string;
  fields: Readonly<Record<string, unknown>>;
}

export interface DueRule {
  name: string;
  on: boolean;
  events: string[];
  subject: string;
  by: string;
  every_days: Record<string, number>;
  start: string;
  helpers: string[];
  counts_if?: Expr | null;
  applies_if?: Expr | null;
}

export interface Calendar {
  festivals: { name: string; days: string[] }[];
  seasons: Record<string, [first: string, last: string][]>;
}

/** overdue: before today; this_week: today and the six days after; later. */
export type DueState = "overdue" | "this_week" | "later";

export interface Due<R extends DueRow = DueRow> {
  subject: R;
  due_on: string;
  state: DueState;
  last_on: string | null;
  rule: string;
}

/** Records of a type. */
export type Held<R extends DueRow> = (type: string) => readonly R[];

const SOON_DAYS = 7;
const BY_CHILD = new Set(["illness_incident", "health_check"]);

/** All that is due by the rules that are on, earliest date first; of one day in the order of the rules. */
export function dueList<R extends DueRow>(
  held: Held<R>,
  rules: readonly DueRule[],
  calendar: Calendar,
  today: string,
): Due<R>[] {
  return rules
    .filter((rule) => rule.on)
    .flatMap((rule) => byRule(held, rule, calendar, today))
    .sort((a, b) => compare(a.due_on, b.due_on));
}

function byRule<R extends DueRow>(
  held: Held<R>,
  rule: DueRule,
  calendar: Calendar,
  today: string,
): Due<R>[] {
  const { start, subject } = rule;
  const isOnce = start === "once";
  const field = isOnce ? "occurred_on" : start.startsWith("field:") ? start.slice(6) : "";
  const hasSeason = start !== "created" && !field;
  const season = calendar.seasons[start]?.find(([first, last]) => first <= today && today <= last);
  if (hasSeason && !season) return [];
  const { made, last } = written(held, rule, today);
  const helped = helpedBy(held, rule.helpers, today);
  const found: Due<R>[] = [];
  for (const row of [...held(subject)].sort((a, b) => compare(a.id, b.id))) {
    const { id, fields } = row;
    if ((helped && !helped.has(id)) || !holds(rule.applies_if, fields, today)) continue;
    const link = BY_CHILD.has(subject) ? String(fields.child_id ?? "") : id;
    const last_on = last.get(link) ?? null;
    const days = rule.every_days[String(fields[rule.by] ?? "")] ?? rule.every_days[""] ?? 0;
    let due_on: string;
    if (season) {
      if ((last_on ?? "") >= season[0]) continue;
      due_on = season[1];
    } else if (field) {
      const begun = fields[field];
      if (typeof begun !== "string" || !isDay(begun) || (isOnce && begun > addDays(today, 1)))
        continue;
      if (last_on && (!isOnce || last_on >= begun)) continue;
      due_on = addDays(begun, days);
    } else {
      due_on = addDays(last_on ?? earlier(createdOn(id, today), today), days);
      const agreed = agreedSince(made.get(link) ?? [], last_on ?? "");
      if (agreed !== null) due_on = earlier(due_on, agreed);
    }
    found.push({ subject: row, due_on, state: stateOf(due_on, today), last_on, rule: rule.name });
  }
  return found;
}

/** By what they are about: days agreed (with the day on which), and the last day of an event that counts. */
function written<R extends DueRow>(held: Held<R>, rule: DueRule, today: string) {
  const tomorrow = addDays(today, 1);
  const made = new Map<string, [on: string, agreed: string][]>();
  const last = new Map<string, string>();
  const pointer = BY_CHILD.has(rule.subject) ? "child_id" : `${rule.subject}_id`;
  for (const type of rule.events) {
    const corrected = new Set(held(type).map((event) => event.fields.corrects_id));
    for (const { id, fields } of held(type)) {
      const { [pointer]: about, occurred_on: on, next_visit_on: agreed } = fields;
      if (corrected.has(id) || typeof about !== "string") continue;
      if (typeof on !== "string" || !isDay(on) || on > tomorrow) continue;
      if (typeof agreed === "string" && isDay(agreed)) {
        const before = made.get(about);
        if (before) before.push([on, agreed]);
        else made.set(about, [[on, agreed]]);
      }
      if (on > (last.get(about) ?? "") && holds(rule.counts_if, fields, today)) last.set(about, on);
    }
  }
  return { made, last };
}

/** Whether a pairing counts on a day: valid, begun and not over. One that waits for a helper counts nowhere. */
function inForce(
  { state, from_on, to_on }: Readonly<Record<string, unknown>>,
  on: string,
): boolean {
  const isValid = state === undefined || state === null || state === "" || state === "V";
  return isValid && String(from_on || "") <= on && on <= String(to_on || on);
}

/** Children paired with a helper of these kinds; null when a rule asks for none. */
function helpedBy<R extends DueRow>(
  held: Held<R>,
  kinds: string[],
  today: string,
): Set<unknown> | null {
  if (kinds.length === 0) return null;
  const kindOf = new Map(held("helper").map(({ id, fields }) => [id, fields.helper_kind]));
  const asked = new Set<unknown>(kinds);
  return new Set(
    held("pairing")
      .filter(({ fields }) => inForce(fields, today))
      .filter(({ fields }) => asked.has("*") || asked.has(kindOf.get(String(fields.helper_id))))
      .map(({ fields }) => fields.child_id),
  );
}

/** Whose birthday is today or in the days after, with the day; 29 February is kept on 1 March in other years. */
export function birthdays<R extends DueRow>(
  people: readonly R[],
  today: string,
  days = SOON_DAYS,
): [string, R][] {
  const end = addDays(today, days);
  const year = Number(today.slice(0, 4));
  return people
    .flatMap((row): [string, R][] => {
      const { birth_date: born, birth_approximate: known, birth_lunar: lunar } = row.fields;
      // Of whom only the month or year is known, nobody knows the day.
      if (typeof born !== "string" || !isDay(born) || (known && known !== "exact") || lunar === "Y")
        return [];
      const on = [year, year + 1]
        .map((each) => `${each}${born.slice(4)}`)
        .map((each) => (isDay(each) ? each : `${each.slice(0, 4)}-03-01`))
        .find((each) => today <= each && each < end && each > born);
      return on ? [[on, row]] : [];
    })
    .sort(byDay);
}

/** Links to parents who are expected home today or in the days after, with the day. */
export function homecomings<R extends DueRow>(
  links: readonly R[],
  today: string,
  days = 2 * SOON_DAYS,
): [string, R][] {
  const end = addDays(today, days);
  return links
    .flatMap((row): [string, R][] => {
      const on = row.fields.next_home_on;
      const isNear = typeof on === "string" && isDay(on) && today <= on && on < end;
      return isNear ? [[on, row]] : [];
    })
    .sort(byDay);
}

/** Festivals today or in the days after: day and name. */
export function festivals(
  calendar: Calendar,
  today: string,
  days = 2 * SOON_DAYS,
): [string, string][] {
  const end = addDays(today, days);
  return calendar.festivals
    .flatMap(({ name, days: on }) => on.map((day): [string, string] => [day, name]))
    .filter(([day]) => today <= day && day < end)
    .sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]));
}

const byDay = <R extends DueRow>(a: [string, R], b: [string, R]): number =>
  compare(a[0], b[0]) || compare(a[1].id, b[1].id);

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
