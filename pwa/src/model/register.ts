// Everything the phone can show, looked up by id, type and relation. Built anew after each change;
// with ten thousand records that is a few milliseconds, and nothing can go out of step.
//
// A record that turned out to be another one is a stub that names the one standing for it (PROTOCOL
// §3.7). It is never listed; whoever asks for it, or refers to it, gets the other.
import { type Op, type RevsOf, type Row, shown } from "./pending.ts";
import type { Contested, Fields, FieldValue, Id, WireRow } from "./wire.ts";

const REFERENCES = ["household_id", "child_id", "parent_id", "carer_id", "helper_id"] as const;
const NONE: ReadonlySet<Id> = new Set();
const MAX_STEPS = 8;

/** The record which a stub is a part of; undefined for every other row. */
export function stubTarget(row: WireRow): Id | undefined {
  const target = row[3].alias_of;
  return typeof target === "string" && Object.keys(row[3]).length === 1 ? target : undefined;
}

/** See RevsOf. `copiesOf` gives a record's rows in all buckets; the newest of them is the one shown. */
export function revsIn(copiesOf: (id: Id) => Iterable<WireRow | undefined>): RevsOf {
  return (record) => {
    const revs: number[] = [];
    let id: Id | undefined = record;
    while (id !== undefined && revs.length < MAX_STEPS) {
      let newest: WireRow | undefined;
      for (const row of copiesOf(id)) if (row && row[2] >= (newest?.[2] ?? 0)) newest = row;
      // A stub alone tells nothing of what is shown in its place.
      if (!newest) return [];
      revs.push(newest[2]);
      id = stubTarget(newest);
    }
    return revs;
  };
}

export class Register {
  readonly rows = new Map<Id, Row>();
  readonly #byType = new Map<string, Row[]>();
  readonly #indexes = new Map<string, Map<string, Row[]>>();
  readonly #targets = new Map<Id, Id>();
  #corrected: Set<Id> | undefined;
  readonly #stubs = new Map<Id, Set<Id>>();

  constructor(confirmed: ReadonlyMap<string, ReadonlyMap<Id, WireRow>>, overlay: readonly Op[]) {
    const newest = new Map<Id, WireRow>();
    for (const bucket of confirmed.values()) {
      for (const [id, row] of bucket) newest.set(id, joined(newest.get(id), row));
    }
    for (const [id, row] of newest) {
      const target = stubTarget(row);
      if (target !== undefined) this.#targets.set(id, target);
    }
    for (const id of this.#targets.keys()) {
      const head = this.resolve(id);
      const stubs = this.#stubs.get(head);
      if (stubs) stubs.add(id);
      else this.#stubs.set(head, new Set([id]));
    }
    const touched = new Set<Id>();
    for (const op of overlay) {
      for (const change of op.changes) touched.add(this.resolve(change.record));
    }
    for (const [id, row] of newest) {
      if (touched.has(id) || this.#targets.has(id)) continue;
      const plain: Row = { id, type: row[1], rev: row[2], fields: row[3] };
      if (row[4]) plain.contested = row[4];
      this.#add(plain);
    }
    for (const id of touched) {
      const row = shown(newest.get(id), overlay, id, this.stubsOf(id));
      if (row) this.#add(row);
    }
  }

  /** The id of the record that stands for this one; mostly itself. */
  resolve(id: Id): Id {
    let head = id;
    // Pages may bring stubs of stubs for a moment, in any order; a circle would be a server's fault.
    for (let steps = 0; steps < MAX_STEPS; steps++) {
      const next = this.#targets.get(head);
      if (next === undefined) break;
      head = next;
    }
    return head;
  }

  /** The records this one stands for. */
  stubsOf(id: Id): ReadonlySet<Id> {
    return this.#stubs.get(id) ?? NONE;
  }

  get(id: unknown): Row | undefined {
    return typeof id === "string" ? this.rows.get(this.resolve(id)) : undefined;
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
    return index.get(this.resolve(value)) ?? [];
  }

  /** Whether a later event takes this one's place, or this one says nothing but that another was a mistake. */
  isCorrected(id: Id): boolean {
    if (!this.#corrected) {
      this.#corrected = new Set();
      for (const { id, fields } of this.rows.values()) {
        if (typeof fields.corrects_id !== "string") continue;
        this.#corrected.add(fields.corrects_id);
        if (!fields.occurred_on) this.#corrected.add(id);
      }
    }
    return this.#corrected.has(id);
  }

  #add(row: Row): void {
    const seen = this.#targets.size > 0 ? this.#resolved(row) : row;
    this.rows.set(seen.id, seen);
    const group = this.#byType.get(seen.type);
    if (group) group.push(seen);
    else this.#byType.set(seen.type, [seen]);
  }

  /** A row with its references led to the records that stand for those named. */
  #resolved(row: Row): Row {
    const fields: Fields = { ...row.fields };
    const contested: Contested = { ...row.contested };
    const lead = (value: FieldValue) => (typeof value === "string" ? this.resolve(value) : value);
    for (const name of REFERENCES) {
      const value = fields[name];
      if (value !== undefined) fields[name] = lead(value);
      // Two who named the two halves of one record are of one mind.
      const others = new Set((contested[name] ?? []).map(lead));
      others.delete(fields[name] ?? "");
      if (others.size > 0) contested[name] = [...others];
      else delete contested[name];
    }
    const { contested: _contested, ...rest } = row;
    return Object.keys(contested).length > 0 ? { ...rest, fields, contested } : { ...rest, fields };
  }
}

/** A record can lie in several buckets, seen through different projections; the newer copy leads. */
function joined(one: WireRow | undefined, other: WireRow): WireRow {
  if (!one) return other;
  const [old, fresh] = one[2] <= other[2] ? [one, other] : [other, one];
  if (old[2] < fresh[2]) return fresh;
  const fields = { ...old[3], ...fresh[3] };
  const contested = { ...old[4], ...fresh[4] };
  return Object.keys(contested).length > 0
    ? [fresh[0], fresh[1], fresh[2], fields, contested]
    : [fresh[0], fresh[1], fresh[2], fields];
}
