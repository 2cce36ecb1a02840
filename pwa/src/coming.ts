// What else the day asks for beside the due list: doors where nobody was met, birthdays, parents coming home.
import { birthdays, type DueRow, homecomings } from "./due.ts";

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

/** Children whose birthday is this week, and links to parents who are expected home within two weeks. */
export function comingUp<R extends DueRow>(
  children: readonly R[],
  links: readonly R[],
  today: string,
): Coming<R>[] {
  return [
    ...birthdays(children, today).map(([on, row]) => ({ row, kind: "birthday" as const, on })),
    ...homecomings(links, today).map(([on, row]) => ({ row, kind: "home" as const, on })),
  ].sort((a, b) => (a.on < b.on ? -1 : 1));
}
