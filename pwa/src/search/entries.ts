// Households and people put into letters, as they are looked for: by name, reading, initials, house number or
// phone. In memory only: nothing searchable is ever written down unsealed.
import type { Row } from "../model/pending.ts";
import { knowsReadings, readingOf } from "./sounds.ts";

/** What can be found by a few letters. */
export const NAMED = ["household", "person", "child"] as const;

export interface Entry {
  row: Row;
  name: string;
  /** Whole reading without spaces. */
  reading: string;
  /** The same, as southern ears hear it. */
  sound: string;
  initials: string;
  numbers: string[];
}

/** Width, case, spaces and the dot in minority names make no difference. */
export function plain(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s·•・‧.]/g, "");
}

/** What southern ears do not tell apart: n/l, zh/z, ch/c, sh/s, -ng/-n, h/f before u. */
export function folded(reading: string): string {
  return reading
    .replace(/zh/g, "z")
    .replace(/ch/g, "c")
    .replace(/sh/g, "s")
    .replace(/ng/g, "n")
    .replace(/l/g, "n")
    .replace(/hu/g, "fu");
}

export const plainNumber = (number: string) => plain(number).replace(/-/g, "");

function phonesOf(row: Row): string[] {
  const phones = row.fields.phones;
  if (typeof phones !== "object" || Array.isArray(phones)) return [];
  return Object.values(phones).flatMap((entry) =>
    typeof entry === "object" && !Array.isArray(entry) && typeof entry.number === "string"
      ? [plainNumber(entry.number)]
      : [],
  );
}

function made(row: Row): Entry {
  const raw = String(row.fields[row.type === "household" ? "head_name" : "name"] ?? "");
  const told = String(row.fields.name_pinyin ?? "").toLowerCase();
  const words = told ? told.split(/\s+/).filter(Boolean) : readingOf(raw);
  const reading = words.join("");
  const number = String(row.fields.household_no ?? row.fields.file_no ?? "");
  return {
    row,
    name: plain(raw),
    reading,
    sound: folded(reading),
    initials: words.map((word) => word[0]).join(""),
    numbers: [...(number ? [plain(number)] : []), ...phonesOf(row)],
  };
}

const known = new WeakMap<Row, Entry>();

/** A row is put into letters once, and once more if nobody could tell its reading then. */
export function entryOf(row: Row): Entry {
  let entry = known.get(row);
  if (!entry || (entry.reading === "" && knowsReadings())) {
    entry = made(row);
    known.set(row, entry);
  }
  return entry;
}
