// What an answer of the server changes on the phone. Pure: the store applies the outcome in one
// transaction, so a killed browser leaves either all of an answer or nothing.
import { add, digestOf, fromHex, type Lanes, lanesOf, subtract, toHex } from "./canonical.ts";
import { isReached, type Op, renumber } from "./pending.ts";
import { stubTarget } from "./register.ts";
import { difference, MAX_FETCH, type Repair } from "./repair.ts";
import type { Id, Page, SyncAnswer, SyncRequest, WireRow } from "./wire.ts";

export interface BucketState {
  cursor: number;
  /** The digest over the rows held, always; 32 hex digits. */
  digest: string;
}

/** Where rows lie that left their bucket and are needed a while longer; no name of the server's. */
export const LIMBO = "limbo";
const KEEP_ACKED_MS = 30 * 86_400_000;

export interface Known {
  /** The generation new ops get. */
  generation: number;
  epoch: string;
  buckets: Record<string, BucketState>;
  /** Every kept op, in order of generation, then seq. */
  ops: readonly Op[];
  rows: ReadonlyMap<string, ReadonlyMap<Id, WireRow>>;
  /** Rows in limbo -> the cursor at which they went, 0 when only own edits keep them. */
  limbo: Record<Id, number>;
  repair: Repair;
}

export interface Outcome {
  generation: number;
  epoch: string;
  buckets: Record<string, BucketState>;
  limbo: Record<Id, number>;
  /** Ops whose state changed, to be stored; after a fork, all that wait under their new numbers. */
  ops: Op[];
  /** Ops to be forgotten. */
  dropOps: Op[];
  /** Those which this answer has acknowledged. */
  acked: Op[];
  forked: boolean;
  puts: { bucket: string; row: WireRow }[];
  deletes: { bucket: string; id: Id }[];
  received: number;
  repair: Repair;
  /** Buckets newly found to differ from the server's after a complete pull. */
  mismatched: string[];
  /** Every own bucket is complete and its digest is the server's. */
  agrees: boolean;
  /** Some bucket has more pages. */
  more: boolean;
}

export function applyAnswer(
  known: Known,
  request: SyncRequest,
  answer: SyncAnswer,
  now: number,
): Outcome {
  if (answer.generation !== request.generation) {
    return forked(known, Math.max(answer.generation, known.generation + 1), answer.epoch);
  }
  const settled = settle(known, request, answer, now);
  const waiting = settled.ops.filter(
    (op) => op.rev === undefined && op.generation === request.generation,
  );
  if (waiting[0] && waiting[0].seq > answer.acked + 1) {
    // A restored server lost more than this phone still has: it goes on in a generation of its own.
    return forked({ ...known, ops: settled.ops }, known.generation + 1, answer.epoch);
  }
  const taken = takePages(known, request, answer);
  const cursors = Object.values(taken.buckets).map((state) => state.cursor);
  const before = Object.values(known.buckets).map((state) => state.cursor);
  const ops = settled.ops.map((op): Op => {
    if (op.landed || op.rev === undefined) return op;
    const isThere = isReached(op.rev, cursors) || isReached(op.rev, before);
    return isThere ? { ...op, landed: true } : op;
  });
  const swept = sweep(known, answer, ops, taken, cursors);
  const dropOps = outdated(ops, request.generation, answer.kept ?? 0, now);
  const dropped = new Set(dropOps);
  return {
    generation: known.generation,
    epoch: answer.epoch,
    buckets: taken.buckets,
    limbo: swept.limbo,
    ops: ops.filter((op, at) => op !== known.ops[at] && !dropped.has(op)),
    dropOps,
    acked: settled.acked,
    forked: false,
    puts: swept.puts,
    deletes: swept.deletes,
    received: taken.received,
    repair: taken.repair,
    mismatched: taken.mismatched,
    agrees: taken.agrees,
    more: taken.more,
  };
}

function forked(known: Known, generation: number, epoch: string): Outcome {
  const waiting = known.ops.filter((op) => op.rev === undefined);
  return {
    generation,
    epoch,
    buckets: known.buckets,
    limbo: known.limbo,
    ops: renumber(waiting, generation),
    dropOps: waiting,
    acked: [],
    forked: true,
    puts: [],
    deletes: [],
    received: 0,
    repair: known.repair,
    mismatched: [],
    agrees: false,
    more: true,
  };
}

/** Acks, and after a restore the ops which the server has lost (§3.6). Same order as `known.ops`. */
function settle(
  known: Known,
  request: SyncRequest,
  answer: SyncAnswer,
  now: number,
): { ops: Op[]; acked: Op[] } {
  const isRestored = request.epoch !== "" && answer.epoch !== request.epoch;
  const acked: Op[] = [];
  const ops = known.ops.map((op): Op => {
    const isOwn = op.generation === request.generation;
    const isStored = isOwn && op.seq <= answer.acked;
    if (op.rev !== undefined) {
      // Of older generations a restored server may know nothing, so they are offered too; what it
      // has it knows by its number.
      return isStored || !(isOwn || isRestored) ? op : again(op);
    }
    // Only what this very request carried: a clone of this phone may have sent more.
    const at = op.seq - request.first;
    const rev = isStored && at >= 0 && at < request.ops.length ? answer.revs[at] : undefined;
    if (rev === undefined) return op;
    const verdicts = answer.verdicts.filter((verdict) => verdict.seq === op.seq);
    const done: Op = { ...op, rev, acked_at: now, verdicts };
    acked.push(done);
    return done;
  });
  return { ops, acked };
}

/** Back into the queue, with the rev it had; what others saw of it they saw under that one. */
function again(op: Op): Op {
  const { rev = 0, acked_at: _at, verdicts: _verdicts, ...rest } = op;
  return { ...rest, lost: op.lost ?? rev };
}

interface Taken {
  buckets: Record<string, BucketState>;
  /** Bucket -> id -> row, or null for one that goes. */
  changes: Map<string, Map<Id, WireRow | null>>;
  /** Rows that the server named as gone -> cursor of that page. */
  gone: Map<Id, number>;
  received: number;
  repair: Map<string, readonly Id[] | null>;
  mismatched: string[];
  agrees: boolean;
  more: boolean;
}

function takePages(known: Known, request: SyncRequest, answer: SyncAnswer): Taken {
  const taken: Taken = {
    buckets: {},
    changes: new Map(),
    gone: new Map(),
    received: 0,
    repair: new Map(),
    mismatched: [],
    agrees: true,
    more: false,
  };
  for (const bucket of answer.buckets) {
    const held = known.rows.get(bucket) ?? new Map<Id, WireRow>();
    const before = known.buckets[bucket] ?? { cursor: 0, digest: digestOf(held.values()) };
    const page = answer.pages[bucket];
    const asked = request.fetch?.[bucket];
    const planned = known.repair.get(bucket);
    if (!page) {
      taken.buckets[bucket] = before;
      if (planned !== undefined) taken.repair.set(bucket, planned);
      taken.more = true;
      taken.agrees = false;
      continue;
    }
    const changes = new Map<Id, WireRow | null>();
    // A record may be named twice on one page only through a faulty server; the last word counts.
    for (const row of page.rows) changes.set(row[0], row);
    for (const id of page.gone) {
      changes.set(id, null);
      if (held.has(id)) taken.gone.set(id, page.cursor);
    }
    const wanted = page.differ ? compared(held, changes, page.differ) : undefined;
    const digest = toHex(summed(fromHex(before.digest), held, changes));
    taken.changes.set(bucket, changes);
    taken.received += [...changes].filter(([id, row]) => row !== null || held.has(id)).length;
    // A cursor never goes back: what was delivered stays delivered.
    taken.buckets[bucket] = { cursor: Math.max(before.cursor, page.cursor), digest };
    taken.more ||= page.more;
    if (!page.more && page.digest === digest) continue;
    taken.agrees = false;
    const rest = wanted ?? (asked && planned ? planned.slice(MAX_FETCH) : (planned ?? []));
    if (planned !== undefined) taken.repair.set(bucket, rest.length > 0 ? rest : null);
    else if (!page.more && page.digest !== undefined) {
      taken.mismatched.push(bucket);
      taken.repair.set(bucket, null);
    }
  }
  return taken;
}

/** Takes out what the server does not list; returns what is to be fetched. */
function compared(
  held: ReadonlyMap<Id, WireRow>,
  changes: Map<Id, WireRow | null>,
  differ: NonNullable<Page["differ"]>,
): Id[] {
  const now = new Map(held);
  for (const [id, row] of changes) {
    if (row) now.set(id, row);
    else now.delete(id);
  }
  const { surplus, wanted } = difference(now, differ);
  for (const id of surplus) changes.set(id, null);
  return wanted;
}

function summed(
  from: Lanes,
  held: ReadonlyMap<Id, WireRow>,
  changes: ReadonlyMap<Id, WireRow | null>,
): Lanes {
  let sum = from;
  for (const [id, row] of changes) {
    const old = held.get(id);
    if (old) sum = subtract(sum, lanesOf(old));
    if (row) sum = add(sum, lanesOf(row));
  }
  return sum;
}

/**
 * Rows that leave: for good, or into limbo. There a row waits while own edits of it are under way, so
 * that their author still sees what they stand on; and one that moved waits until every bucket is
 * past that point, so that it never vanishes in between.
 */
function sweep(
  known: Known,
  answer: SyncAnswer,
  ops: readonly Op[],
  taken: Taken,
  cursors: readonly number[],
): Pick<Outcome, "puts" | "deletes" | "limbo"> {
  const puts: Outcome["puts"] = [];
  const deletes: Outcome["deletes"] = [];
  const needed = neededRecords(known, ops);
  const limbo = { ...known.limbo };
  const leave = (bucket: string, row: WireRow, since: number) => {
    const id = row[0];
    deletes.push({ bucket, id });
    if (!needed.has(id) && (since === 0 || isReached(since, cursors))) return;
    puts.push({ bucket: LIMBO, row });
    limbo[id] = since;
  };
  const arrived = new Set<Id>();
  for (const [bucket, changes] of taken.changes) {
    for (const [id, row] of changes) {
      if (row) {
        puts.push({ bucket, row });
        arrived.add(id);
      }
    }
  }
  for (const [bucket, changes] of taken.changes) {
    for (const [id, row] of changes) {
      const old = known.rows.get(bucket)?.get(id);
      if (row || !old) continue;
      if (arrived.has(id)) deletes.push({ bucket, id });
      else leave(bucket, old, taken.gone.get(id) ?? 0);
    }
  }
  for (const [bucket, rows] of known.rows) {
    if (bucket === LIMBO || answer.buckets.includes(bucket)) continue;
    for (const row of rows.values()) {
      if (arrived.has(row[0])) deletes.push({ bucket, id: row[0] });
      else leave(bucket, row, 0);
    }
  }
  for (const id of known.rows.get(LIMBO)?.keys() ?? []) {
    const since = known.limbo[id] ?? 0;
    const stays = needed.has(id) || (since > 0 && !isReached(since, cursors));
    if (stays && !arrived.has(id)) continue;
    delete limbo[id];
    deletes.push({ bucket: LIMBO, id });
  }
  return { puts, deletes, limbo };
}

/** Records with own edits under way, and those that stand for them. */
function neededRecords(known: Known, ops: readonly Op[]): Set<Id> {
  const needed = new Set<Id>();
  for (const op of ops) {
    if (op.rev !== undefined && op.landed) continue;
    for (const { record } of op.changes) {
      needed.add(record);
      for (const rows of known.rows.values()) {
        const row = rows.get(record);
        const target = row && stubTarget(row);
        if (target !== undefined) needed.add(target);
      }
    }
  }
  return needed;
}

/**
 * Acked ops of no more use: landed, in a backup of the server, and of an older month (until then
 * their verdicts can be looked up). What a backup holds of this generation it holds of the older
 * ones too, as far as it was stored before.
 */
function outdated(ops: readonly Op[], generation: number, kept: number, now: number): Op[] {
  let safe = 0;
  for (const op of ops) {
    if (op.generation === generation && op.seq <= kept) safe = Math.max(safe, op.rev ?? 0);
  }
  return ops.filter((op) => {
    const isSafe =
      op.generation === generation
        ? op.seq <= kept
        : op.generation < generation && (op.rev ?? 0) <= safe;
    return (
      isSafe && op.landed && op.rev !== undefined && (op.acked_at ?? now) < now - KEEP_ACKED_MS
    );
  });
}
