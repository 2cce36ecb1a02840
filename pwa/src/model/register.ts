// Everything the phone can show, looked up by id, type and relation. Built anew after each change, so that
// nothing can go out of step; what a change does not touch is the same object as before: the server's rows
// until some come or go, each row, and the list of a type none of whose records changed. So whoever works
// something out of a row or of such a list may keep it beside it, and a slow phone that saves one visit does
// not go through ten thousand records again.
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

type Buckets = ReadonlyMap<string, ReadonlyMap<Id, WireRow>>;

const bases = new WeakMap<Buckets, Base>();

function baseOf(buckets: Buckets): Base {
  let base = bases.get(buckets);
  if (!base) {
    base = new Base(buckets);
    bases.set(buckets, base);
  }
  return base;
}

/** The server's rows as they are shown where no own edit lies over them. */
class Base {
  readonly newest = new Map<Id, WireRow>();
  readonly rows = new Map<Id, Row>();
  readonly byType = new Map<string, Row[]>();
  readonly #targets = new Map<Id, Id>();
  readonly #stubs = new Map<Id, Set<Id>>();

  constructor(buckets: Buckets) {
    const [newest, targets] = [this.newest, this.#targets];
    for (const bucket of buckets.values()) {
      for (const [id, row] of bucket) newest.set(id, joined(newest.get(id), row));
    }
    for (const [id, row] of newest) {
      const target = stubTarget(row);
      if (target !== undefined) targets.set(id, target);
    }
    for (const id of targets.keys()) {
      const head = this.resolve(id);
      const stubs = this.#stubs.get(head);
      if (stubs) stubs.add(id);
      else this.#stubs.set(head, new Set([id]));
    }
    for (const [id, wire] of newest) {
      if (targets.has(id)) continue;
      const row = targets.size > 0 ? this.resolved(plain(wire)) : plain(wire);
      this.rows.set(id, row);
      grouped(this.byType, row.type).push(row);
    }
  }

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

  stubsOf(id: Id): ReadonlySet<Id> {
    return this.#stubs.get(id) ?? NONE;
  }

  /** A row with its references led to the records that stand for those named. */
  resolved(row: Row): Row {
    const isLed = (value: unknown) => typeof value === "string" && this.#targets.has(value);
    const isSame = REFERENCES.every(
      (name) => !isLed(row.fields[name]) && !row.contested?.[name]?.some(isLed),
    );
    if (isSame) return row;
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

/** Rows of the wire never change, so each is made into one row to show. */
const made = new WeakMap<WireRow, Row>();

function plain(wire: WireRow): Row {
  let row = made.get(wire);
  if (!row) {
    row = { id: wire[0], type: wire[1], rev: wire[2], fields: wire[3] };
    if (wire[4]) row.contested = wire[4];
    made.set(wire, row);
  }
  return row;
}

function grouped<K>(groups: Map<K, Row[]>, key: K): Row[] {
  let group = groups.get(key);
  if (!group) {
    group = [];
    groups.set(key, group);
  }
  return group;
}

/** Per list of rows: field -> value -> the rows that hold it. */
const indexes = new WeakMap<readonly Row[], Map<string, Map<string, Row[]>>>();

function indexOf(rows: readonly Row[], field: string): Map<string, Row[]> {
  let known = indexes.get(rows);
  if (!known) {
    known = new Map();
    indexes.set(rows, known);
  }
  let index = known.get(field);
  if (!index) {
    index = new Map();
    for (const row of rows) grouped(index, String(row.fields[field] ?? "")).push(row);
    known.set(field, index);
  }
  return index;
}

const EMPTY: readonly Row[] = [];

export class Register {
  readonly rows: ReadonlyMap<Id, Row>;
  readonly #base: Base;
  readonly #byType: ReadonlyMap<string, readonly Row[]>;
  #corrected: Set<Id> | undefined;

  /** `confirmed` is kept by its identity: another map whenever a row in it is another one. */
  constructor(confirmed: Buckets, overlay: readonly Op[]) {
    const base = baseOf(confirmed);
    this.#base = base;
    const touched = new Set<Id>();
    for (const op of overlay) {
      for (const change of op.changes) touched.add(base.resolve(change.record));
    }
    if (touched.size === 0) {
      this.rows = base.rows;
      this.#byType = base.byType;
      return;
    }
    const rows = new Map(base.rows);
    const fresh: Row[] = [];
    const types = new Set<string>();
    for (const id of touched) {
      const old = rows.get(id);
      if (old) types.add(old.type);
      rows.delete(id);
      const row = shown(base.newest.get(id), overlay, id, base.stubsOf(id));
      if (row) fresh.push(base.resolved(row));
    }
    const byType = new Map(base.byType);
    for (const { type } of fresh) types.add(type);
    for (const type of types) {
      byType.set(type, base.byType.get(type)?.filter((row) => !touched.has(row.id)) ?? []);
    }
    for (const row of fresh) {
      rows.set(row.id, row);
      grouped(byType, row.type).push(row);
    }
    this.rows = rows;
    this.#byType = byType;
  }

  /** The id of the record that stands for this one; mostly itself. */
  resolve(id: Id): Id {
    return this.#base.resolve(id);
  }

  /** The records this one stands for. */
  stubsOf(id: Id): ReadonlySet<Id> {
    return this.#base.stubsOf(id);
  }

  get(id: unknown): Row | undefined {
    return typeof id === "string" ? this.rows.get(this.resolve(id)) : undefined;
  }

  /** The same list as before, as long as no record of the type is another one. */
  of(type: string): readonly Row[] {
    return this.#byType.get(type) ?? EMPTY;
  }

  /** Rows of a type whose field holds a value, e.g. the children of a household. */
  by(type: string, field: string, value: string): readonly Row[] {
    return indexOf(this.of(type), field).get(this.resolve(value)) ?? EMPTY;
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
