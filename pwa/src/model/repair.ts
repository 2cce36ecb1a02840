// Finding the rows that differ from the server's, by the last hex digit of their ids (PROTOCOL §3.4).
// Pure. Nothing is ever wiped: a mismatch is compared, what differs is fetched, then compared again.
import { add, EMPTY, type Lanes, lanesOf, toHex } from "./canonical.ts";
import type { Id, Page, WireRow } from "./wire.ts";

/** Ids still to fetch of a bucket whose digest differs; null: it has yet to be compared. */
export type Repair = ReadonlyMap<string, readonly Id[] | null>;

export const MAX_FETCH = 500;
const DIGITS = "0123456789abcdef";

/** Sixteen sums over rows, by the last hex digit of their ids. */
export function sixteen(rows: Iterable<WireRow>): Lanes[] {
  const sums: Lanes[] = Array.from(DIGITS, () => EMPTY);
  for (const row of rows) {
    const digit = DIGITS.indexOf(row[0].slice(-1));
    sums[digit] = add(sums[digit] ?? EMPTY, lanesOf(row));
  }
  return sums;
}

/** The first 8 hex digits of the row's SHA-256, as `differ` lists them. */
export function headOf(row: WireRow | undefined): string {
  return row ? toHex(lanesOf(row)).slice(0, 8) : "";
}

/**
 * What a listing of the server asks of the phone: rows it has too many, and ids it lacks or holds
 * otherwise. `held` are the rows of the bucket, the page's own already among them.
 */
export function difference(
  held: ReadonlyMap<Id, WireRow>,
  differ: NonNullable<Page["differ"]>,
): { surplus: Id[]; wanted: Id[] } {
  const surplus: Id[] = [];
  const wanted: Id[] = [];
  const listed = new Map(Object.values(differ).flat());
  for (const id of held.keys()) {
    if (differ[id.slice(-1)] !== undefined && !listed.has(id)) surplus.push(id);
  }
  for (const [id, head] of listed) if (headOf(held.get(id)) !== head) wanted.push(id);
  return { surplus, wanted };
}
