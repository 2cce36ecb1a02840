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
// 3. An op leaves the overlay when it is acked AND every cursor has reached its rev; at ack alone
//    the confirmed row may still be older, and the value would seem to jump back (§3.3). Then it has
//    landed, and stays so: a bucket that is granted later and begins at 0 brings no old value back.
// 4. A record that turned out to be another one (§3.7) is shown as that one. Own edits made on it are
//    shown there until they land; what is saved next on the one that stands for it pins their base
//    like any own edit, since they hid what arrived.
import type {
  Contested,
  EditValue,
  Fields,
  FieldValue,
  Id,
  Key,
  Verdict,
  WireRow,
} from "./wire.ts";

export interface Change {
  record: Id;
  type: string;
  base: number;
  set: Record<Key, EditValue>;
  prev: Record<Key, number>;
}

/** An own op: unsent, sent, or acked and kept for a while. */
export interface Op {
  seq: number;
  generation: number;
  at: number;
  clock: number;
  contact: number;
  schema: string;
  changes: Change[];
  /** Set at ack; 0: stored, not applied. */
  rev?: number;
  /** The confirmed rows contain it, or tell that it was replaced: it is on the overlay no more. */
  landed?: true;
  /** The rev it had before the server was restored (§3.6). */
  lost?: number;
  acked_at?: number;
  verdicts?: Verdict[];
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
  own: Record<Key, { seq: number; base: number }>;
}

const NONE: ReadonlySet<Id> = new Set();

export function isReached(rev: number, cursors: Iterable<number>): boolean {
  for (const cursor of cursors) if (cursor < rev) return false;
  return true;
}

export function isOnOverlay(op: Op, cursors: Iterable<number>): boolean {
  if (op.landed) return false;
  return op.rev === undefined || !isReached(op.rev, cursors);
}

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
      for (const key of Object.keys(change.set)) own[key] = { seq: op.seq, base: change.base };
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

/**
 * The changes of one op for one record: edits grouped by the base each stood on. `alive` tells
 * whether an own seq still exists (an undone one must not be named).
 */
export function changesFor(
  record: Id,
  type: string,
  edits: Record<Key, EditValue>,
  basis: Basis,
  generation: number,
  alive: (seq: number) => boolean,
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
    if (own && basis.generation === generation && alive(own.seq)) change.prev[key] = own.seq;
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
 * After a fork (PROTOCOL §3.5): what waits is numbered from 1 in the new generation, in the order it
 * was saved. A prev naming an op that comes along is carried over; one into the old branch is dropped.
 */
export function renumber(waiting: readonly Op[], generation: number): Op[] {
  const name = (old: number, seq: number) => `${old}|${seq}`;
  const numbers = new Map(waiting.map((op, at) => [name(op.generation, op.seq), at + 1]));
  return waiting.map((op, at) => ({
    ...op,
    seq: at + 1,
    generation,
    changes: op.changes.map((change) => ({
      ...change,
      prev: Object.fromEntries(
        Object.entries(change.prev).flatMap(([key, seq]) => {
          const moved = numbers.get(name(op.generation, seq));
          return moved === undefined ? [] : [[key, moved] as const];
        }),
      ),
    })),
  }));
}
