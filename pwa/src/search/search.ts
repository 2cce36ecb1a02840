// Finding households and people by name, reading, initials, house number or phone. In memory only:
// nothing searchable is ever written down unsealed.
import type { Row } from "../model/pending.ts";
import { knowsReadings, readingOf } from "./sounds.ts";

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

const NAMED = new Set(["household", "person", "child"]);

const plainNumber = (number: string) => plain(number).replace(/-/g, "");

function phonesOf(row: Row): string[] {
  const phones = row.fields.phones;
  if (typeof phones !== "object" || Array.isArray(phones)) return [];
  return Object.values(phones).flatMap((entry) =>
    typeof entry === "object" && !Array.isArray(entry) && typeof entry.number === "string"
      ? [plainNumber(entry.number)]
      : [],
  );
}

export function entryOf(row: Row): Entry | null {
  if (!NAMED.has(row.type)) return null;
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

type Known = WeakMap<Row, Entry | null>;

const made: { unread: Known; read: Known } = { unread: new WeakMap(), read: new WeakMap() };

/** What is searched. Each row is put into letters once, and once more when the table of readings is there. */
export function entriesOf(rows: Iterable<Row>): Entry[] {
  const known = knowsReadings() ? made.read : made.unread;
  const found: Entry[] = [];
  for (const row of rows) {
    let entry = known.get(row);
    if (entry === undefined) {
      entry = entryOf(row);
      known.set(row, entry);
    }
    if (entry) found.push(entry);
  }
  return found;
}

/** Lower is better; null is no match. */
type Rank = (entry: Entry) => number | null;

function byName({ name }: Entry, wanted: string): number | null {
  const at = name.indexOf(wanted);
  if (at < 0) return null;
  return at > 0 ? 2 : name.length > wanted.length ? 1 : 0;
}

function ranking(wanted: string): Rank {
  if (/^\d+$/.test(wanted)) return rankingByNumber(wanted);
  if (/^[a-z]+$/.test(wanted)) return rankingBySound(wanted);
  return (entry) => byName(entry, wanted);
}

function rankingByNumber(wanted: string): Rank {
  // A house number is known by its end ("7" is household 007), a phone by any part.
  const end = wanted.padStart(3, "0");
  return (entry) => {
    const named = byName(entry, wanted);
    if (named !== null) return named;
    if (entry.numbers.some((number) => number.endsWith(end) && number.length > 11)) return 3;
    return wanted.length >= 3 && entry.numbers.some((number) => number.includes(wanted)) ? 4 : null;
  };
}

function rankingBySound(wanted: string): Rank {
  const sound = folded(wanted);
  return (entry) => {
    const named = byName(entry, wanted);
    if (named !== null) return named;
    if (entry.initials === wanted) return 3;
    if (entry.initials.startsWith(wanted)) return 4;
    if (entry.reading.startsWith(wanted)) return 5;
    if (wanted.length >= 2 && entry.reading.includes(wanted)) return 6;
    if (wanted.length >= 3 && entry.sound.startsWith(sound)) return 7;
    return null;
  };
}

export function search(entries: readonly Entry[], text: string, limit = 50): Row[] {
  // "顾大山家" is how people name a household.
  const wanted = plain(text).replace(/(.)家$/, "$1");
  if (wanted === "") return [];
  const rank = ranking(wanted);
  const hits: Row[][] = [];
  for (const entry of entries) {
    const found = rank(entry);
    if (found === null) continue;
    hits[found] ??= [];
    hits[found].push(entry.row);
  }
  return hits.flat().slice(0, limit);
}

export interface Typed {
  id: string;
  type: string;
  name: string;
  birth: string;
  /** The child's, the person's and, for a child, those of the carers typed in with it. */
  phones: readonly string[];
  /** Whom these phones lead to by way of a carer. */
  kin: ReadonlySet<string>;
}

const ENOUGH = 3;
const SHOWN = 3;

/**
 * Records that may be the one being typed in (domain rules 1.03). One name suffices; so do any two of: one
 * sound, one month of birth (or none known), one phone. A sound only southern ears hear as one counts half.
 */
export function alreadyThere(entries: readonly Entry[], typed: Typed): Row[] {
  const name = plain(typed.name);
  const reading = readingOf(typed.name).join("");
  const sound = folded(reading);
  const month = typed.birth.slice(0, 7);
  const phones = new Set(typed.phones.map(plainNumber).filter((number) => number.length > 6));
  if ([...name].length < 2) return [];
  const points = (entry: Entry): number => {
    const born = String(entry.row.fields.birth_date ?? "").slice(0, 7);
    let sum = 0;
    if (entry.name === name) sum = 3;
    else if (reading && entry.reading === reading) sum = 2;
    else if (sound && entry.sound === sound) sum = 1;
    if (born && month) sum += born === month ? 2 : 0;
    else if (sum > 1) sum += 1;
    const isReached = typed.kin.has(entry.row.id) || entry.numbers.some((it) => phones.has(it));
    return isReached ? sum + 2 : sum;
  };
  return entries
    .filter(({ row }) => row.type === typed.type && row.id !== typed.id)
    .map((entry) => ({ row: entry.row, sum: points(entry) }))
    .filter(({ sum }) => sum >= ENOUGH)
    .sort((a, b) => b.sum - a.sum)
    .slice(0, SHOWN)
    .map(({ row }) => row);
}
