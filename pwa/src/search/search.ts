// Finding households and people by a few letters, anew with each of them: on a slow phone there is less time for
// it than it takes to look at every one. So all lie in two long texts, a line each, which the browser searches
// by itself; only lines that hold the letters are looked at and ranked.
import type { Row } from "../model/pending.ts";
import { type Entry, folded, plain } from "./entries.ts";

/** Texts of many, a line each. */
class Lines {
  readonly #text: string;
  readonly #ends: number[] = [];

  constructor(lines: readonly string[]) {
    let end = 0;
    for (const line of lines) {
      end += line.length + 1;
      this.#ends.push(end);
    }
    this.#text = lines.map((line) => `${line}\n`).join("");
  }

  /** Numbers of the lines that hold it. */
  find(wanted: string, found: Set<number>): void {
    let line = 0;
    let at = this.#text.indexOf(wanted);
    while (at >= 0) {
      let end = this.#ends[line] ?? 0;
      while (end <= at) end = this.#ends[++line] ?? Number.POSITIVE_INFINITY;
      found.add(line);
      at = this.#text.indexOf(wanted, end);
    }
  }
}

/** Begins each reading and number in its line. */
const MARK = "|";

export class Index {
  readonly entries: readonly Entry[];
  readonly #names: Lines;
  readonly #others: Lines;

  constructor(entries: readonly Entry[]) {
    this.entries = entries;
    this.#names = new Lines(entries.map(({ name }) => name));
    this.#others = new Lines(
      entries.map(({ reading, sound, initials, numbers }) =>
        [MARK, reading, MARK, sound, MARK, initials, MARK, ...numbers.join(MARK)].join(""),
      ),
    );
  }

  /** All that may be meant, in order; none that is meant is missing. */
  mayBe(wanted: string): Entry[] {
    const found = new Set<number>();
    this.#names.find(wanted, found);
    if (isNumber(wanted)) this.#others.find(endOf(wanted), found);
    if (isSound(wanted)) {
      this.#others.find(wanted.length > 1 ? wanted : MARK + wanted, found);
      if (wanted.length > 2) this.#others.find(MARK + folded(wanted), found);
    }
    return [...found].sort((a, b) => a - b).flatMap((at) => this.entries[at] ?? []);
  }
}

const isNumber = (wanted: string): boolean => /^\d+$/.test(wanted);
const isSound = (wanted: string): boolean => /^[a-z]+$/.test(wanted);
/** A house number is known by its end ("7" is household 007), a phone by any part. */
const endOf = (wanted: string): string => wanted.padStart(3, "0");

/** Lower is better; null is no match. */
type Rank = (entry: Entry) => number | null;

function byName({ name }: Entry, wanted: string): number | null {
  const at = name.indexOf(wanted);
  if (at < 0) return null;
  return at > 0 ? 2 : name.length > wanted.length ? 1 : 0;
}

function ranking(wanted: string): Rank {
  if (isNumber(wanted)) return rankingByNumber(wanted);
  if (isSound(wanted)) return rankingBySound(wanted);
  return (entry) => byName(entry, wanted);
}

function rankingByNumber(wanted: string): Rank {
  const end = endOf(wanted);
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

/** Those that fit best first; of a type alone when one is told. */
export function search(index: Index, text: string, limit = 50, type?: string): Row[] {
  // "顾大山家" is how people name a household.
  const wanted = plain(text).replace(/(.)家$/, "$1");
  if (wanted === "") return [];
  const rank = ranking(wanted);
  const hits: Row[][] = [];
  for (const entry of index.mayBe(wanted)) {
    if (type !== undefined && entry.row.type !== type) continue;
    const found = rank(entry);
    if (found === null) continue;
    hits[found] ??= [];
    hits[found].push(entry.row);
  }
  return hits.flat().slice(0, limit);
}
