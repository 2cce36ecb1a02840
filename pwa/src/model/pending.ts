// The device's own edits on top of what the server said. Pure: values in, values out.
//
// The screen shows *confirmed* (the server's rows, verbatim) with the *overlay* (own ops that the
// confirmed rows cannot show yet) laid over it. Three rules carry the design:
//
// 1. A form remembers, when it opens, what it stood on: the record's rev and, per key, the own edit
//    on the overlay then (its basis). What is saved later names exactly that, however much arrived
//    in between. So base and prev say what the person saw, no more and no less (PROTOCOL §3.1).
// 2. While an own edit of a key is on the overlay, a later edit of that key keeps its base and names
//    it in prev: what arrives meanwhile is hidden behind the person's own value.
// 3. An op leaves the overlay when it is acked AND the confirmed rows tell what became of it: those of
//    all its records are of its rev or a later one, or every bucket is complete up to it (§3.3). A
//    cursor that passed it is not enough: a row that was changed since lies on a later page. Then the
//    op has landed, and stays so: a bucket granted later, from 0 on, brings no old value back.
// 4. A record that turned out to be another one (§3.7) is shown as that one. Own edits made on it are
//    shown there until they land; what is saved next on the one that stands for it pins their base
//    like any own edit, since they hid what arrived.
import type {
  Contested,
  EditValue,
  Fields,
  FieldValue,
  Found,
  Id,
  Key,
  OwnName,
  Verdict,
  WireRow,
} from "./wire.ts";

export interface Change {
  record: Id;
  type: string;
  base: number;
  set: Record<Key, EditValue>;
  prev: Record<Key, OwnName>;
}

/** An own op: unsent, sent, or acked and kept for a while. */
export interface Op {
  seq: number;
  generation: number;
  /** The generation and seq it was saved under, if a fork has given it others (§3.5). */
  made?: [generation: number, seq: number];
  at: number;
  clock: number;
  contact: number;
  schema: string;
  changes: Change[];
  /** Set at ack; 0: stored, not applied. */
  rev?: number;
  /** The confirmed rows contain it, or tell that it was replaced: it is on the overlay no more. */
  landed?: true;
  /** The revs it had in lineages that ended with a restore of the server (§3.6). */
  was?: number[];
  acked_at?: number;
  verdicts?: Verdict[];
  /** Odd answers the server found in it. */
  findings?: Found[];
}

export interface Row {
  id: Id;
  type: string;
  rev: number;
  fields: Fields;
  contested?: Contested;
  /** Holds own edits which the server has not confirmed. */
  pending?: true;
}

/** What a form stood on when it opened. */
export interface Basis {
  rev: number;
  generation: number;
  /** Named as they were saved; drafts of the first version leave out the form's own generation. */
  own: Record<Key, { generation?: number; seq: number; base: number }>;
}

/** How far one bucket has been delivered. */
export interface Delivered {
  cursor: number;
  /** More pages are to come; a row may lie on them though the cursor has passed an older state. */
  more?: true;
}

const NONE: ReadonlySet<Id> = new Set();

export function isReached(rev: number, cursors: Iterable<number>): boolean {
  for (const cursor of cursors) if (cursor < rev) return false;
  return true;
}

/** The revs that confirm a record: of its row and, if that is a stub, of the one it leads to. */
export type RevsOf = (record: Id) => readonly number[];

export function isOnOverlay(op: Op, revsOf: RevsOf, buckets: readonly Delivered[]): boolean {
  const { rev } = op;
  // What was stored and not applied (rev 0) comes with no row.
  if (op.landed || rev === 0) return false;
  if (rev === undefined) return true;
  if (buckets.every((bucket) => !bucket.more && bucket.cursor >= rev)) return false;
  return op.changes.some(({ record }) => {
    const revs = revsOf(record);
    return revs.length === 0 || revs.some((confirmed) => confirmed < rev);
  });
}

const madeAs = (op: Op) => op.made ?? [op.generation, op.seq];

/**
 * The latest overlay edit per key of one record, and of the records it stands for. `overlay` is in
 * order of saving.
 */
export function ownEdits(
  overlay: readonly Op[],
  record: Id,
  stubs: ReadonlySet<Id> = NONE,
): Basis["own"] {
  const own: Basis["own"] = {};
  for (const op of overlay) {
    for (const change of op.changes) {
      if (change.record !== record && !stubs.has(change.record)) continue;
      const [generation, seq] = madeAs(op);
      for (const key of Object.keys(change.set)) own[key] = { generation, seq, base: change.base };
    }
  }
  return own;
}

export function basisOf(
  record: Id,
  confirmedRev: number,
  overlay: readonly Op[],
  generation: number,
  stubs: ReadonlySet<Id> = NONE,
): Basis {
  return { rev: confirmedRev, generation, own: ownEdits(overlay, record, stubs) };
}

/** The name an own edit has in a new op's prev; undefined for an undone one. */
export type NameOf = (generation: number, seq: number) => OwnName | undefined;

/** Names for a new op of `generation`; ops up to `sentSeq` were carried, so they can't be undone. */
export function namer(ops: readonly Op[], generation: number, sentSeq: number): NameOf {
  return (oldGeneration, oldSeq) => {
    const op = ops.find((each) => {
      const [madeIn, madeAt] = madeAs(each);
      return madeIn === oldGeneration && madeAt === oldSeq;
    });
    if (op) return op.generation === generation ? op.seq : [op.generation, op.seq];
    // Known to the server, even when it is no longer kept here.
    return oldGeneration === generation && oldSeq <= sentSeq ? oldSeq : undefined;
  };
}

/** The changes of one op for one record: edits grouped by the base each stood on. */
export function changesFor(
  record: Id,
  type: string,
  edits: Record<Key, EditValue>,
  basis: Basis,
  nameOf: NameOf,
): Change[] {
  const byBase = new Map<number, Change>();
  for (const [key, value] of Object.entries(edits)) {
    const own = basis.own[key];
    let base = own?.base ?? basis.rev;
    // Who removes a record has seen no more of it than the oldest of the own edits that hide it.
    if (key === "present" && value === false) {
      for (const each of Object.values(basis.own)) base = Math.min(base, each.base);
    }
    let change = byBase.get(base);
    if (!change) {
      change = { record, type, base, set: {}, prev: {} };
      byBase.set(base, change);
    }
    change.set[key] = value;
    const name = own && nameOf(own.generation ?? basis.generation, own.seq);
    if (name !== undefined) change.prev[key] = name;
  }
  return [...byBase.values()];
}

function withEdit(fields: Fields, key: Key, value: EditValue): void {
  const slash = key.indexOf("/");
  if (slash < 0) {
    if (value === null) delete fields[key];
    else fields[key] = value;
    return;
  }
  const name = key.slice(0, slash);
  const part = key.slice(slash + 1);
  const held = fields[name];
  if (typeof value === "boolean") {
    const elements = new Set(Array.isArray(held) ? (held as string[]) : []);
    if (value) elements.add(part);
    else elements.delete(part);
    if (elements.size > 0) fields[name] = [...elements].sort();
    else delete fields[name];
    return;
  }
  const entries: { [entry: string]: FieldValue } =
    held !== undefined && typeof held === "object" && !Array.isArray(held) ? { ...held } : {};
  if (value === null) delete entries[part];
  else entries[part] = value;
  if (Object.keys(entries).length > 0) fields[name] = entries;
  else delete fields[name];
}

/** A record as the screen shows it, or null when it is not there (never created, or removed). */
export function shown(
  confirmed: WireRow | undefined,
  overlay: readonly Op[],
  id: Id,
  stubs: ReadonlySet<Id> = NONE,
): Row | null {
  let type = confirmed?.[1];
  let present = confirmed !== undefined;
  let touched = false;
  const fields: Fields = { ...(confirmed?.[3] ?? {}) };
  const contested: Contested = { ...(confirmed?.[4] ?? {}) };
  for (const op of overlay) {
    for (const change of op.changes) {
      if (change.record !== id && !stubs.has(change.record)) continue;
      type ??= change.type;
      touched = true;
      for (const [key, value] of Object.entries(change.set)) {
        if (key === "present") {
          // Taking the double away does not take away the record that stands for it.
          present = value === true || (present && change.record !== id);
          continue;
        }
        withEdit(fields, key, value);
        delete contested[key];
      }
    }
  }
  if (!present || type === undefined) return null;
  const row: Row = { id, type, rev: confirmed?.[2] ?? 0, fields };
  if (Object.keys(contested).length > 0) row.contested = contested;
  if (touched) row.pending = true;
  return row;
}

/**
 * After a fork (PROTOCOL §3.5): what waits in one generation is numbered from 1 in the new one, in the
 * order it was saved. A prev naming an op that comes along follows it; one that names an op which
 * keeps its number says its generation too.
 */
export function renumber(waiting: readonly Op[], generation: number): Op[] {
  const name = ([old, seq]: readonly [number, number]) => `${old}|${seq}`;
  const numbers = new Map(waiting.map((op, at) => [name([op.generation, op.seq]), at + 1]));
  return waiting.map((op, at) => {
    const renamed = (prev: OwnName): OwnName => {
      const full: OwnName = typeof prev === "number" ? [op.generation, prev] : prev;
      return numbers.get(name(full)) ?? full;
    };
    return {
      ...op,
      seq: at + 1,
      generation,
      made: op.made ?? [op.generation, op.seq],
      changes: op.changes.map((change) => ({
        ...change,
        prev: Object.fromEntries(
          Object.entries(change.prev).map(([key, prev]) => [key, renamed(prev)]),
        ),
      })),
    };
  });
}
