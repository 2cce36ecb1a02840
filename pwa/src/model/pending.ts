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
//    the confirmed row may still be older, and the value would seem to jump back (§3.3).
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
  /** Set at ack. */
  rev?: number;
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

export function isOnOverlay(op: Op, cursors: Iterable<number>): boolean {
  if (op.rev === undefined) return true;
  for (const cursor of cursors) if (cursor < op.rev) return true;
  return false;
}

/** The latest overlay edit per key of one record. `overlay` is in order of seq. */
export function ownEdits(overlay: readonly Op[], record: Id): Basis["own"] {
  const own: Basis["own"] = {};
  for (const op of overlay) {
    for (const change of op.changes) {
      if (change.record !== record) continue;
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
): Basis {
  return { rev: confirmedRev, generation, own: ownEdits(overlay, record) };
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
    const base = own?.base ?? basis.rev;
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
export function shown(confirmed: WireRow | undefined, overlay: readonly Op[], id: Id): Row | null {
  let type = confirmed?.[1];
  let present = confirmed !== undefined;
  let touched = false;
  const fields: Fields = { ...(confirmed?.[3] ?? {}) };
  const contested: Contested = { ...(confirmed?.[4] ?? {}) };
  for (const op of overlay) {
    for (const change of op.changes) {
      if (change.record !== id) continue;
      type ??= change.type;
      touched = true;
      for (const [key, value] of Object.entries(change.set)) {
        if (key === "present") {
          present = value === true;
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
 * After a fork (PROTOCOL §3.5): what is not acked is numbered from 1 in the new generation. A prev
 * naming an op that comes along is carried over; one into the old branch is dropped.
 */
export function renumber(unacked: readonly Op[], generation: number): Op[] {
  const numbers = new Map(unacked.map((op, at) => [op.seq, at + 1]));
  return unacked.map((op, at) => ({
    ...op,
    seq: at + 1,
    generation,
    changes: op.changes.map((change) => ({
      ...change,
      prev: Object.fromEntries(
        Object.entries(change.prev).flatMap(([key, seq]) => {
          const moved = numbers.get(seq);
          return moved === undefined ? [] : [[key, moved] as const];
        }),
      ),
    })),
  }));
}
