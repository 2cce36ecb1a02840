// Somebody like that may be there already: by name, sound, birthday and phones.
import type { Row } from "../model/pending.ts";
import { type Entry, folded, plain, plainNumber } from "./entries.ts";
import { readingOf } from "./sounds.ts";

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
