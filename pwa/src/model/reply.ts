// What an answer of the server changes on the phone. Pure: the store applies the outcome in one
// transaction, so a killed browser leaves either all of an answer or nothing.
import { add, EMPTY, fromHex, type Lanes, lanesOf, subtract, toHex } from "./canonical.ts";
import { isOnOverlay, type Op, renumber } from "./pending.ts";
import type { Id, SyncAnswer, WireRow } from "./wire.ts";

export interface BucketState {
  cursor: number;
  /** The digest over the rows held, always; 32 hex digits. */
  digest: string;
  /** No longer ours; kept only for records with own edits under way. */
  left?: true;
}

export interface Known {
  generation: number;
  epoch: string;
  buckets: Record<string, BucketState>;
  /** Every kept op of this generation, in order of seq. */
  ops: readonly Op[];
  rows: ReadonlyMap<string, ReadonlyMap<Id, WireRow>>;
  /** Buckets being fetched again from the start, with the ids delivered so far. */
  repairing: Map<string, Set<Id>>;
}

export interface Outcome {
  generation: number;
  epoch: string;
  buckets: Record<string, BucketState>;
  /** Ops whose state changed, to be stored; after a fork, all unacked ones under their new numbers. */
  ops: Op[];
  forked: boolean;
  puts: { bucket: string; row: WireRow }[];
  deletes: { bucket: string; id: Id }[];
  received: number;
  /** Buckets whose digest differs from the server's after a complete pull. */
  mismatched: string[];
  /** Every own bucket is complete and its digest is the server's. */
  agrees: boolean;
  /** Some bucket has more pages. */
  more: boolean;
}

function ackedOps(known: Known, answer: SyncAnswer, first: number, now: number): Op[] {
  const changed: Op[] = [];
  for (const op of known.ops) {
    const isAcked = op.seq <= answer.acked;
    if (isAcked && op.rev === undefined) {
      const rev = answer.revs[op.seq - first];
      if (rev === undefined) continue;
      const verdicts = answer.verdicts.filter((verdict) => verdict.seq === op.seq);
      changed.push({ ...op, rev, acked_at: now, verdicts });
    } else if (!isAcked && op.rev !== undefined) {
      // The server knows less than it once told (an older copy was restored): offer it again.
      const { rev: _rev, acked_at: _at, verdicts: _verdicts, ...again } = op;
      changed.push(again);
    }
  }
  return changed;
}

export function applyAnswer(known: Known, answer: SyncAnswer, first: number, now: number): Outcome {
  if (answer.generation !== known.generation) {
    const unacked = known.ops.filter((op) => op.rev === undefined);
    return {
      generation: answer.generation,
      epoch: answer.epoch,
      buckets: known.buckets,
      ops: renumber(unacked, answer.generation),
      forked: true,
      puts: [],
      deletes: [],
      received: 0,
      mismatched: [],
      agrees: false,
      more: true,
    };
  }

  const changed = ackedOps(known, answer, first, now);
  const byChanged = new Map(changed.map((op) => [op.seq, op]));
  const ops = known.ops.map((op) => byChanged.get(op.seq) ?? op);

  const buckets: Record<string, BucketState> = {};
  const puts: Outcome["puts"] = [];
  const deletes: Outcome["deletes"] = [];
  const mismatched: string[] = [];
  let received = 0;
  let more = false;
  let agrees = true;

  for (const bucket of answer.buckets) {
    const before = known.buckets[bucket];
    const held = known.rows.get(bucket);
    const page = answer.pages[bucket];
    let sum: Lanes = before ? fromHex(before.digest) : EMPTY;
    if (!page) {
      buckets[bucket] = before
        ? { cursor: before.cursor, digest: before.digest }
        : { cursor: 0, digest: toHex(EMPTY) };
      more = true;
      agrees = false;
      continue;
    }
    const fresh = known.repairing.get(bucket);
    // A record may be named twice on one page only through a faulty server; the last word counts.
    const here = new Map<Id, WireRow | null>();
    for (const row of page.rows) here.set(row[0], row);
    for (const id of page.gone) here.set(id, null);
    if (fresh) {
      for (const id of here.keys()) fresh.add(id);
      if (!page.more && held) {
        for (const id of held.keys()) if (!fresh.has(id)) here.set(id, null);
      }
    }
    for (const [id, row] of here) {
      const old = held?.get(id);
      if (old) sum = subtract(sum, lanesOf(old));
      if (row) {
        sum = add(sum, lanesOf(row));
        puts.push({ bucket, row });
        received += 1;
      } else if (old) {
        deletes.push({ bucket, id });
        received += 1;
      }
    }
    const digest = toHex(sum);
    buckets[bucket] = { cursor: page.cursor, digest };
    if (page.more) {
      more = true;
      agrees = false;
    } else if (page.digest !== undefined && page.digest !== digest) {
      mismatched.push(bucket);
      agrees = false;
    }
  }

  const cursors = Object.values(buckets).map((state) => state.cursor);
  const busy = new Set<Id>();
  for (const op of ops) {
    if (!isOnOverlay(op, cursors)) continue;
    for (const change of op.changes) busy.add(change.record);
  }
  for (const [bucket, before] of Object.entries(known.buckets)) {
    if (answer.buckets.includes(bucket)) continue;
    let kept = 0;
    for (const id of known.rows.get(bucket)?.keys() ?? []) {
      if (busy.has(id)) kept += 1;
      else deletes.push({ bucket, id });
    }
    if (kept > 0) buckets[bucket] = { cursor: before.cursor, digest: before.digest, left: true };
  }

  return {
    generation: answer.generation,
    epoch: answer.epoch,
    buckets,
    ops: changed,
    forked: false,
    puts,
    deletes,
    received,
    mismatched,
    agrees,
    more,
  };
}

/** The cursors that decide about the overlay: those of own buckets. */
export function ownCursors(buckets: Record<string, BucketState>): number[] {
  return Object.values(buckets)
    .filter((state) => !state.left)
    .map((state) => state.cursor);
}
