// Everything the phone can show, looked up by id, type and relation. Built anew after each change;
// with ten thousand records that is a few milliseconds, and nothing can go out of step.
import { type Op, type Row, shown } from "./pending.ts";
import type { Id, WireRow } from "./wire.ts";

export class Register {
  readonly rows = new Map<Id, Row>();
  readonly #byType = new Map<string, Row[]>();
  readonly #indexes = new Map<string, Map<string, Row[]>>();

  constructor(confirmed: ReadonlyMap<string, ReadonlyMap<Id, WireRow>>, overlay: readonly Op[]) {
    const newest = new Map<Id, WireRow>();
    for (const bucket of confirmed.values()) {
      for (const [id, row] of bucket) newest.set(id, joined(newest.get(id), row));
    }
    const touched = new Set<Id>();
    for (const op of overlay) for (const change of op.changes) touched.add(change.record);
    for (const [id, row] of newest) {
      if (touched.has(id)) continue;
      const plain: Row = { id, type: row[1], rev: row[2], fields: row[3] };
      if (row[4]) plain.contested = row[4];
      this.#add(plain);
    }
    for (const id of touched) {
      const row = shown(newest.get(id), overlay, id);
      if (row) this.#add(row);
    }
  }

  get(id: unknown): Row | undefined {
    return typeof id === "string" ? this.rows.get(id) : undefined;
  }

  of(type: string): readonly Row[] {
    return this.#byType.get(type) ?? [];
  }

  /** Rows of a type whose field holds a value, e.g. the children of a household. */
  by(type: string, field: string, value: string): readonly Row[] {
    const name = `${type}.${field}`;
    let index = this.#indexes.get(name);
    if (!index) {
      index = new Map();
      for (const row of this.of(type)) {
        const key = String(row.fields[field] ?? "");
        const group = index.get(key);
        if (group) group.push(row);
        else index.set(key, [row]);
      }
      this.#indexes.set(name, index);
    }
    return index.get(value) ?? [];
  }

  #add(row: Row): void {
    this.rows.set(row.id, row);
    const group = this.#byType.get(row.type);
    if (group) group.push(row);
    else this.#byType.set(row.type, [row]);
  }
}

/** A record can lie in several buckets, seen through different projections; the newer copy leads. */
function joined(one: WireRow | undefined, other: WireRow): WireRow {
  if (!one) return other;
  const [old, fresh] = one[2] <= other[2] ? [one, other] : [other, one];
  if (old[2] < fresh[2]) return fresh;
  const fields = { ...old[3], ...fresh[3] };
  const contested = { ...old[4], ...fresh[4] };
  return [fresh[0], fresh[1], fresh[2], fields, contested];
}

export function confirmedRev(
  confirmed: ReadonlyMap<string, ReadonlyMap<Id, WireRow>>,
  id: Id,
): number {
  let rev = 0;
  for (const bucket of confirmed.values()) rev = Math.max(rev, bucket.get(id)?.[2] ?? 0);
  return rev;
}
