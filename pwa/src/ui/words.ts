// Numbers, times and records put into words.

import { choiceLabel, type Field, formOf } from "../forms/programme.ts";
import { ageOn, dayOf, daysBetween, timeOf } from "../model/clock.ts";
import type { Row } from "../model/pending.ts";
import type { FieldValue } from "../model/wire.ts";
import { device, language, minute, programme, register, text, today } from "../session.ts";

export function ago(instant: number): string {
  const t = text.value;
  if (!instant) return t.never;
  const minutes = Math.floor((minute.value - instant) / 60_000);
  if (minutes < 1) return t.just_now;
  if (minutes < 60) return t.minutes_ago(minutes);
  if (minutes < 24 * 60) return t.hours_ago(Math.floor(minutes / 60));
  return t.days_ago(Math.floor(minutes / (24 * 60)));
}

export function moment(instant: number): string {
  return `${dayWords(dayOf(instant))} ${timeOf(instant)}`;
}

/** A day as people write it; the year only when it is another one. */
export function dayWords(day: string): string {
  const [year = "", month = "", date = ""] = day.split("-");
  if (!date) return day;
  const t = text.value;
  const away = daysBetween(today.value, day);
  if (away === 0) return t.today_word;
  if (away === -1) return t.yesterday;
  if (away === 1) return t.tomorrow;
  return year === today.value.slice(0, 4)
    ? t.month_day(Number(month), Number(date))
    : t.year_month_day(Number(year), Number(month), Number(date));
}

export function words(field: Field, value: FieldValue | undefined): string {
  if (value === undefined || value === null) return "";
  const held = programme.value;
  if (!held) return "";
  if (Array.isArray(value)) {
    return value
      .map((item) => choiceLabel(held, field.list, String(item), language.value))
      .join(text.value.and);
  }
  if (typeof value === "object" && field.type === "repeat") {
    return Object.values(value)
      .map((entry) =>
        typeof entry === "object" && !Array.isArray(entry) ? gist(field, entry) : "",
      )
      .filter(Boolean)
      .join(text.value.or);
  }
  if (typeof value === "object") {
    return Object.values(value)
      .map((entry) =>
        typeof entry === "object" && !Array.isArray(entry) ? String(entry.number ?? "") : "",
      )
      .filter(Boolean)
      .join(text.value.and);
  }
  if (field.type === "date" || field.type === "month") return fullDay(String(value));
  if (field.list) return choiceLabel(held, field.list, String(value), language.value);
  if (field.ref) return nameOf(register.value.get(value)) || text.value.not_on_phone;
  if (field.appearance === "grid") return gridName(String(value));
  if (isFile(field)) return field.type === "image" ? text.value.picture : text.value.recording;
  if (field.type === "datetime") return String(value).replace("T", " ");
  return String(value);
}

/** Whether its answer is the name of an attachment. */
export const isFile = ({ type }: Field): boolean => type === "image" || type === "audio";

const GIST = 3;

/** One line for an entry of a repeat: its first answers. */
export function gist(repeat: Field, answers: Record<string, unknown>): string {
  return (repeat.fields ?? [])
    .filter((field) => field.type !== "note")
    .map((field) => words(field, answers[field.name] as FieldValue | undefined))
    .filter(Boolean)
    .slice(0, GIST)
    .join(" · ");
}

function fullDay(day: string): string {
  const [year = "", month = "", date = ""] = day.split("-");
  const t = text.value;
  if (!date) return t.year_month(Number(year), Number(month));
  return t.year_month_day(Number(year), Number(month), Number(date));
}

/** The words for one choice field of a row, "" when it is not answered. */
export function said(row: Row, name: string): string {
  const form = formOf(programme.value, row.type, row.fields);
  const field = form?.fields.find((each) => each.name === name);
  return field ? words(field, row.fields[name]) : "";
}

export function nameOf(row: Row | undefined): string {
  if (!row) return "";
  const raw = row.fields[row.type === "household" ? "head_name" : "name"];
  return typeof raw === "string" && raw !== "" ? raw : text.value.unnamed;
}

export function gridName(code: string): string {
  const grid = register.value.of("grid").find((row) => row.fields.grid_code === code);
  return grid ? String(grid.fields.name ?? code.slice(-2)) : text.value.grid_number(code.slice(-2));
}

/** Codes of the grids this phone may work in. */
export function ownGrids(): string[] {
  const held = device.value;
  const buckets = Object.keys(held?.buckets ?? {}).filter((bucket) => bucket.startsWith("grid:"));
  return buckets.map((bucket) => `${held?.village.code}${bucket.slice(5)}`);
}

export function householdOf(row: Row | undefined): Row | undefined {
  return register.value.get(row?.fields.household_id);
}

/** "三组 · 007 王大山家" as far as it is known. */
export function placeOf(household: Row | undefined): string {
  if (!household) return "";
  const number = String(household.fields.household_no ?? "").slice(-3);
  const grid = gridName(String(household.fields.grid_code ?? ""));
  return [grid, number && text.value.house_number(number)].filter(Boolean).join(" · ");
}

export function ageWords(row: Row): string {
  const age = ageOn(String(row.fields.birth_date ?? ""), today.value);
  return age === null ? "" : text.value.age(age);
}

export interface PhoneNumber {
  number: string;
  owner: string;
  use: string;
}

export function phonesOf(row: Row | undefined): PhoneNumber[] {
  const phones = row?.fields.phones;
  if (typeof phones !== "object" || Array.isArray(phones)) return [];
  return Object.values(phones).flatMap((entry) =>
    typeof entry === "object" && !Array.isArray(entry) && entry.number
      ? [
          {
            number: String(entry.number),
            owner: String(entry.owner ?? ""),
            use: String(entry.use ?? ""),
          },
        ]
      : [],
  );
}
