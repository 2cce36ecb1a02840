// What else the day asks for beside the due list: doors where nobody was met, birthdays, parents coming home.
import type { DueRow } from "./due.ts";
import { addDays, isDay } from "./model/clock.ts";

const BIRTHDAY_DAYS = 7;
const HOME_DAYS = 14;

/** When an event was, and on one day the order of the ids, which hold the time. */
const at = (row: DueRow): string => `${String(row.fields.occurred_on ?? "")} ${row.id}`;

/** The latest standing event of each subject, by the field that names it. */
export function latestBy<R extends DueRow>(events: readonly R[], field: string): Map<string, R> {
  const corrected = new Set(events.map((event) => event.fields.corrects_id));
  const latest = new Map<string, R>();
  for (const event of events) {
    const subject = event.fields[field];
    if (typeof subject !== "string" || corrected.has(event.id)) continue;
    const other = latest.get(subject);
    if (!other || at(event) > at(other)) latest.set(subject, event);
  }
  return latest;
}

/** A household where nobody was home when it was called at for the survey last, or a child who was not met. */
export const isAbsent = (event: DueRow | undefined): boolean => {
  const { result, met } = event?.fields ?? {};
  return result === "A" || (Array.isArray(met) && met.includes("NONE"));
};

export interface Coming<R extends DueRow> {
  row: R;
  kind: "birthday" | "home";
  on: string;
}

/** The next day of this month and day, from today on; 29 February is kept on 1 March in other years. */
function nextOn(birth: string, today: string): string {
  for (const year of [Number(today.slice(0, 4)), Number(today.slice(0, 4)) + 1]) {
    const day = `${year}${birth.slice(4)}`;
    const kept = isDay(day) ? day : `${year}-03-01`;
    if (kept >= today) return kept;
  }
  return "";
}

/** Children whose birthday is this week, and links to parents who are expected home within two weeks. */
export function comingUp<R extends DueRow>(
  children: readonly R[],
  links: readonly R[],
  today: string,
): Coming<R>[] {
  const found: Coming<R>[] = [];
  for (const row of children) {
    const {
      birth_date: birth,
      birth_approximate: exact = "exact",
      birth_lunar: lunar,
    } = row.fields;
    // Of whom only the month or year is known, nobody knows the day.
    if (!isDay(String(birth ?? "")) || exact !== "exact" || lunar === "Y") continue;
    const on = nextOn(String(birth), today);
    if (on < addDays(today, BIRTHDAY_DAYS)) found.push({ row, kind: "birthday", on });
  }
  for (const row of links) {
    const on = String(row.fields.next_home_on ?? "");
    if (isDay(on) && on >= today && on < addDays(today, HOME_DAYS))
      found.push({ row, kind: "home", on });
  }
  return found.sort((a, b) => (a.on < b.on ? -1 : 1));
}
