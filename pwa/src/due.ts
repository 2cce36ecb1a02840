// The due list: what has to be done for whom, by when. The same rules as server/programme/due.py, whose
// opening says what counts, held together by tests/vectors/due.json. Change both or neither.
import { holds } from "./forms/condition.ts";
import type { Expr } from "./forms/expression.ts";
import { addDays, dayOf, daysBetween, isDay } from "./model/clock.ts";

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
  /** Of an older programme it is not said: once. */
  times?: number;
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

/** Records of a type; another list whenever one of them is another record. */
export type Held<R extends DueRow> = (type: string) => readonly R[];

const SOON_DAYS = 7;
/** Events that are followed up: not by what names them, but by what is about their child. */
const OF_CHILD = new Set(["illness_incident", "health_check", "mandatory_report"]);
/** What an event that names no place is about. */
const EVERYWHERE = "*";

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

/** What one event tells a rule. */
interface Told {
  abouts: readonly string[];
  on: string;
  /** The day agreed for the next visit. */
  agreed: string | null;
  counts: boolean;
}

/**
 * What a rule has found out of records, which never change: after a visit is saved that visit alone is read,
 * and only whom it is about is reckoned anew. It holds for one day.
 */
interface Known {
  told: WeakMap<DueRow, Told | false>;
  due: WeakMap<DueRow, { told: readonly Told[]; due: Due | null }>;
  /** What was found in which lists: it stands until one of them is another list. */
  from: readonly (readonly DueRow[])[];
  found: readonly Due[];
}

const known = { calendar: {}, today: "", of: new WeakMap<DueRule, Known>() };

function knownBy(rule: DueRule, calendar: Calendar, today: string): Known {
  if (known.today !== today || known.calendar !== calendar) {
    Object.assign(known, { calendar, today, of: new WeakMap() });
  }
  let found = known.of.get(rule);
  if (!found) {
    found = { told: new WeakMap(), due: new WeakMap(), from: [], found: [] };
    known.of.set(rule, found);
  }
  return found;
}

const NOTHING: readonly Told[] = [];

function byRule<R extends DueRow>(
  held: Held<R>,
  rule: DueRule,
  calendar: Calendar,
  today: string,
): readonly Due<R>[] {
  const { start, subject } = rule;
  const hasSeason = start !== "created" && !isOneTime(start);
  const season = calendar.seasons[start]?.find(([first, last]) => first <= today && today <= last);
  if (hasSeason && !season) return [];
  const before = knownBy(rule, calendar, today);
  const helping = rule.helpers.length > 0 ? ["pairing", "helper"] : [];
  const from = [subject, ...rule.events, ...helping].map(held);
  if (isSame(before.from, from)) return before.found as Due<R>[];
  const { told: read, due: reckoned } = before;
  const events = written(held, rule, today, read);
  const helped = helpedBy(held, rule.helpers, today);
  const corrected = correctedIn(held(subject));
  const found: Due<R>[] = [];
  for (const row of byId(held(subject))) {
    if ((helped && !helped.has(row.id)) || corrected.has(row.id)) continue;
    const told = toldUnder(linksOf(subject, row), events);
    let reckoning = reckoned.get(row);
    if (!reckoning || !isSame(reckoning.told, told)) {
      reckoning = { told, due: dueFor(row, told, rule, season, today) };
      reckoned.set(row, reckoning);
    }
    if (reckoning.due) found.push(reckoning.due as Due<R>);
  }
  Object.assign(before, { from, found });
  return found;
}

const isSame = <T>(one: readonly T[], other: readonly T[]): boolean =>
  one.length === other.length && one.every((each, at) => each === other[at]);

/** What events tell under any of these links; most records have one that any event names. */
function toldUnder(links: readonly string[], events: ReadonlyMap<string, Told[]>): readonly Told[] {
  let all = NOTHING;
  for (const link of links) {
    const told = events.get(link);
    if (told) all = all.length > 0 ? [...all, ...told] : told;
  }
  return all;
}

const isOneTime = (start: string): boolean =>
  start === "once" || start.startsWith("field:") || start.startsWith("age:");

/** What is due for one record by what events tell of it; null when nothing is. */
function dueFor(
  row: DueRow,
  told: readonly Told[],
  rule: DueRule,
  season: readonly [first: string, last: string] | undefined,
  today: string,
): Due | null {
  const { id, fields } = row;
  const { start, times: often = 1 } = rule;
  if (!holds(rule.applies_if, fields, today)) return null;
  const done = new Set(told.filter((each) => each.counts).map(({ on }) => on));
  const last_on = [...done].reduce(later, "") || null;
  const days = rule.every_days[String(fields[rule.by] ?? "")] ?? rule.every_days[""] ?? 0;
  let due_on: string;
  if (season) {
    const [first, last] = season;
    const times = [...done].filter((on) => on >= first).length;
    if (times >= often) return null;
    due_on = addDays(first, Math.floor((daysBetween(first, last) * (times + 1)) / often));
  } else if (isOneTime(start)) {
    const isAgreed = start.startsWith("field:");
    const begun = begunOn(start, fields);
    if (typeof begun !== "string" || !isDay(begun)) return null;
    if (begun > addDays(today, 1) && !isAgreed) return null;
    if (last_on && (isAgreed || last_on >= begun)) return null;
    due_on = addDays(begun, days);
  } else {
    due_on = addDays(last_on ?? earlier(createdOn(id, today), today), days);
    const agreed = agreedSince(told, last_on ?? "");
    if (agreed !== null) due_on = earlier(due_on, agreed);
  }
  return { subject: row, due_on, state: stateOf(due_on, today), last_on, rule: rule.name };
}

const sorted = new WeakMap<readonly DueRow[], readonly DueRow[]>();

/** A list in order of id, sorted once. */
function byId<R extends DueRow>(rows: readonly R[]): readonly R[] {
  let found = sorted.get(rows);
  if (!found) {
    found = [...rows].sort((a, b) => compare(a.id, b.id));
    sorted.set(rows, found);
  }
  return found as readonly R[];
}

function correctedIn(rows: readonly DueRow[]): Set<unknown> {
  const found = new Set<unknown>();
  for (const { fields } of rows) if (fields.corrects_id) found.add(fields.corrects_id);
  return found;
}

/** The day from which something is due one time: of the event, of a field, or of a birthday. */
function begunOn(start: string, fields: Readonly<Record<string, unknown>>): unknown {
  const [kind, said = ""] = start.split(":");
  if (kind === "once") return fields.occurred_on;
  if (kind === "field") return fields[said];
  const born = fields.birth_date;
  return typeof born === "string" && isDay(born)
    ? birthday(born, Number(born.slice(0, 4)) + Number(said))
    : null;
}

/** By what they are about: what events tell. */
function written<R extends DueRow>(
  held: Held<R>,
  rule: DueRule,
  today: string,
  read: Known["told"],
): Map<string, Told[]> {
  const tomorrow = addDays(today, 1);
  const found = new Map<string, Told[]>();
  for (const type of rule.events) {
    const corrected = correctedIn(held(type));
    for (const event of held(type)) {
      let told = read.get(event);
      if (told === undefined) {
        told = toldBy(event, rule, type, today, tomorrow) ?? false;
        read.set(event, told);
      }
      if (!told || corrected.has(event.id)) continue;
      for (const about of told.abouts) entry(found, about, () => []).push(told);
    }
  }
  return found;
}

function toldBy(
  { fields }: DueRow,
  rule: DueRule,
  type: string,
  today: string,
  tomorrow: string,
): Told | null {
  const { occurred_on: on, next_visit_on: next } = fields;
  const abouts = aboutsOf(rule.subject, type, fields);
  if (abouts.length === 0) return null;
  if (typeof on !== "string" || !isDay(on) || on > tomorrow) return null;
  const agreed = typeof next === "string" && isDay(next) ? next : null;
  return { abouts, on, agreed, counts: holds(rule.counts_if, fields, today) };
}

function entry<V>(map: Map<string, V>, key: string, fresh: () => V): V {
  let found = map.get(key);
  if (found === undefined) {
    found = fresh();
    map.set(key, found);
  }
  return found;
}

/** What an event is about, for a rule of this subject. */
function aboutsOf(subject: string, type: string, fields: Readonly<Record<string, unknown>>) {
  const names = OF_CHILD.has(subject)
    ? ["child_id", "household_id"]
    : [subject === "child" && type === "survey" ? "household_id" : `${subject}_id`];
  const found = names.map((name) => fields[name]).filter((value) => typeof value === "string");
  return found.length === 0 && subject === "place" ? [EVERYWHERE] : found;
}

/** By what events about a record are found. */
function linksOf(subject: string, { id, fields }: DueRow): string[] {
  if (OF_CHILD.has(subject)) return [String(fields.child_id || fields.household_id || "")];
  if (subject === "child") return [id, String(fields.household_id || "")];
  return subject === "place" ? [id, EVERYWHERE] : [id];
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
        .map((each) => birthday(born, each))
        .find((each) => today <= each && each < end && each > born);
      return on ? [[on, row]] : [];
    })
    .sort(byDay);
}

/** The day in a year on which somebody is a year older. */
function birthday(born: string, year: number): string {
  const on = `${year}${born.slice(4)}`;
  return isDay(on) ? on : `${year}-03-01`;
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
function agreedSince(told: readonly Told[], lastOn: string): string | null {
  const since = told.filter(({ on, agreed }) => agreed !== null && on >= lastOn && agreed > lastOn);
  const newest = since.map(({ on }) => on).reduce(later, "");
  const days = since.filter(({ on }) => on === newest).map(({ agreed }) => agreed ?? "");
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

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const later = (a: string, b: string): string => (compare(a, b) > 0 ? a : b);
const earlier = (a: string, b: string): string => (compare(a, b) < 0 ? a : b);
