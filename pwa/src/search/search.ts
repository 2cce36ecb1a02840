// Finding households and people by name, reading, initials, house number or phone. In memory only:
// nothing searchable is ever written down unsealed.
import type { Row } from "../model/pending.ts";
import { initialsOf } from "./initials.ts";

export interface Entry {
  row: Row;
  name: string;
  /** Whole reading without spaces, "" while the server has not told it. */
  reading: string;
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
    .replace(/^l/, "n")
    .replace(/hu/g, "fu");
}

const NAMED = new Set(["household", "person", "child"]);

function phonesOf(row: Row): string[] {
  const phones = row.fields.phones;
  if (typeof phones !== "object" || Array.isArray(phones)) return [];
  return Object.values(phones).flatMap((entry) =>
    typeof entry === "object" && !Array.isArray(entry) && typeof entry.number === "string"
      ? [plain(entry.number).replace(/-/g, "")]
      : [],
  );
}

export function entryOf(row: Row): Entry | null {
  if (!NAMED.has(row.type)) return null;
  const raw = String(row.fields[row.type === "household" ? "head_name" : "name"] ?? "");
  const words = String(row.fields.name_pinyin ?? "")
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean);
  const number = String(row.fields.household_no ?? row.fields.file_no ?? "");
  return {
    row,
    name: plain(raw),
    reading: words.join(""),
    initials: words.length > 0 ? words.map((word) => word[0]).join("") : initialsOf(raw),
    numbers: [...(number ? [plain(number)] : []), ...phonesOf(row)],
  };
}

/** Lower is better; null is no match. */
function rank(entry: Entry, wanted: string): number | null {
  if (entry.name === wanted) return 0;
  if (entry.name.startsWith(wanted)) return 1;
  if (entry.name.includes(wanted)) return 2;
  if (/^\d+$/.test(wanted)) {
    // A house number is known by its end ("7" is household 007), a phone by any part.
    const end = wanted.padStart(3, "0");
    if (entry.numbers.some((number) => number.endsWith(end) && number.length > 11)) return 3;
    return wanted.length >= 3 && entry.numbers.some((number) => number.includes(wanted)) ? 4 : null;
  }
  if (!/^[a-z]+$/.test(wanted)) return null;
  if (entry.initials === wanted) return 3;
  if (entry.initials.startsWith(wanted)) return 4;
  if (entry.reading.startsWith(wanted)) return 5;
  if (wanted.length >= 2 && entry.reading.includes(wanted)) return 6;
  if (wanted.length >= 3 && folded(entry.reading).startsWith(folded(wanted))) return 7;
  return null;
}

export function search(entries: readonly Entry[], text: string, limit = 50): Row[] {
  const wanted = plain(text);
  if (wanted === "") return [];
  const hits: { row: Row; rank: number; order: number }[] = [];
  entries.forEach((entry, order) => {
    const found = rank(entry, wanted);
    if (found !== null) hits.push({ row: entry.row, rank: found, order });
  });
  hits.sort((a, b) => a.rank - b.rank || a.order - b.order);
  return hits.slice(0, limit).map((hit) => hit.row);
}

/**
 * People who may be the one being typed in: same name; or same sound and the same month of birth; or
 * same sound where one birth date is missing (domain rules 1.03).
 */
export function alreadyThere(
  entries: readonly Entry[],
  typed: { id: string; type: string; name: string; birth: string },
): Row[] {
  const name = plain(typed.name);
  if ([...name].length < 2) return [];
  const initials = initialsOf(typed.name);
  const month = typed.birth.slice(0, 7);
  return entries
    .filter(({ row }) => row.type === typed.type && row.id !== typed.id)
    .filter((entry) => {
      if (entry.name === name) return true;
      if (initials === "" || entry.initials !== initials) return false;
      return month !== "" && String(entry.row.fields.birth_date ?? "").startsWith(month);
    })
    .slice(0, 3)
    .map((entry) => entry.row);
}
