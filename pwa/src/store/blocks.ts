// Where the rows lie in the sealed store. Opening one sealed value costs a slow phone a tenth of a
// millisecond and more however small it is, so rows that came together lie together:
//
//   blocks   up to 256 rows sealed as one value; a later block's copy of a row counts, not an older one's
//   loose    rows changed a few at a time, sealed one by one; a loose copy counts before any block's
//
// A row that goes is taken out of every block that has a copy of it, in the same transaction. When
// many rows are loose or blocks are half stale, the bucket is packed anew. Pure bookkeeping: the
// store seals and writes what is planned here, then says that it has.
import type { Id, WireRow } from "../model/wire.ts";

export interface Block {
  bucket: string;
  n: number;
  rows: WireRow[];
}

export interface Plan {
  blocks: Block[];
  dropBlocks: { bucket: string; n: number }[];
  loose: { bucket: string; row: WireRow }[];
  dropLoose: { bucket: string; id: Id }[];
}

type Rows = ReadonlyMap<string, ReadonlyMap<Id, WireRow>>;

export const BLOCK_ROWS = 256;
/** Fewer rows of one write than this lie loose. */
export const FEW = 32;
/** More loose rows of a bucket than this are packed. */
export const MANY = 512;

interface Place {
  /** Block number -> ids it has a copy of, stale ones too. */
  blocks: Map<number, ReadonlySet<Id>>;
  loose: Set<Id>;
}

export class Blocks {
  readonly #places = new Map<string, Place>();

  /** What was found in the database. */
  found(bucket: string, n: number, ids: Iterable<Id>): void {
    this.#place(bucket).blocks.set(n, new Set(ids));
  }

  foundLoose(bucket: string, id: Id): void {
    this.#place(bucket).loose.add(id);
  }

  /** Where rows are to lie; `held` is what memory holds before, puts win over deletes. */
  plan(
    puts: readonly { bucket: string; row: WireRow }[],
    deletes: readonly { bucket: string; id: Id }[],
    held: Rows,
  ): Plan {
    const plan: Plan = { blocks: [], dropBlocks: [], loose: [], dropLoose: [] };
    const named = [...puts, ...deletes].map((each) => each.bucket);
    for (const bucket of new Set([...this.#places.keys(), ...named])) {
      const fresh = new Map<Id, WireRow>();
      for (const each of puts) if (each.bucket === bucket) fresh.set(each.row[0], each.row);
      const gone = new Set<Id>();
      for (const { bucket: of, id } of deletes) if (of === bucket && !fresh.has(id)) gone.add(id);
      this.#planBucket(plan, bucket, fresh, gone, held.get(bucket) ?? new Map());
    }
    return plan;
  }

  /** The plan is on the disk. */
  take(plan: Plan): void {
    for (const { bucket, n } of plan.dropBlocks) this.#place(bucket).blocks.delete(n);
    for (const { bucket, id } of plan.dropLoose) this.#place(bucket).loose.delete(id);
    for (const { bucket, n, rows } of plan.blocks) {
      this.found(
        bucket,
        n,
        rows.map((row) => row[0]),
      );
    }
    for (const { bucket, row } of plan.loose) this.foundLoose(bucket, row[0]);
  }

  #planBucket(
    plan: Plan,
    bucket: string,
    fresh: ReadonlyMap<Id, WireRow>,
    gone: ReadonlySet<Id>,
    held: ReadonlyMap<Id, WireRow>,
  ): void {
    const { blocks, loose } = this.#place(bucket);
    const isFew = fresh.size < FEW;
    const looseAfter = isFew ? loose.size + fresh.size : loose.size;
    const copies = [...blocks.values()].reduce((sum, ids) => sum + ids.size, 0);
    const isStale = copies + fresh.size > 2 * (held.size + FEW) + BLOCK_ROWS;
    if (looseAfter > MANY || isStale) {
      const all = new Map([...held, ...fresh]);
      for (const id of gone) all.delete(id);
      for (const n of blocks.keys()) plan.dropBlocks.push({ bucket, n });
      for (const id of loose) plan.dropLoose.push({ bucket, id });
      this.#pack(plan, bucket, [...all.values()]);
      return;
    }
    for (const id of gone) if (loose.has(id)) plan.dropLoose.push({ bucket, id });
    if (gone.size > 0) {
      for (const [n, ids] of blocks) {
        if (![...gone].some((id) => ids.has(id))) continue;
        const rows: WireRow[] = [];
        for (const id of ids) {
          const row = held.get(id);
          if (row && !gone.has(id)) rows.push(row);
        }
        if (rows.length > 0) plan.blocks.push({ bucket, n, rows });
        else plan.dropBlocks.push({ bucket, n });
      }
    }
    if (isFew) {
      for (const row of fresh.values()) plan.loose.push({ bucket, row });
    } else {
      for (const id of fresh.keys()) if (loose.has(id)) plan.dropLoose.push({ bucket, id });
      this.#pack(plan, bucket, [...fresh.values()]);
    }
  }

  #pack(plan: Plan, bucket: string, rows: WireRow[]): void {
    let n = Math.max(0, ...this.#place(bucket).blocks.keys());
    for (let at = 0; at < rows.length; at += BLOCK_ROWS) {
      n += 1;
      plan.blocks.push({ bucket, n, rows: rows.slice(at, at + BLOCK_ROWS) });
    }
  }

  #place(bucket: string): Place {
    let place = this.#places.get(bucket);
    if (!place) {
      place = { blocks: new Map(), loose: new Set() };
      this.#places.set(bucket, place);
    }
    return place;
  }
}
