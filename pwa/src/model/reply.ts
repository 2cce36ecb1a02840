// What an answer of the server changes on the phone. Pure: the store applies the outcome in one
// transaction, so a killed browser leaves either all of an answer or nothing.
import { acknowledge, outdated, type Settled, settle } from "./acks.ts";
import { add, digestOf, fromHex, type Lanes, lanesOf, subtract, toHex } from "./canonical.ts";
import { type Delivered, isOnOverlay, isReached, type Op, renumber } from "./pending.ts";
import { revsIn, stubTarget } from "./register.ts";
import { difference, MAX_FETCH, type Repair } from "./repair.ts";
import type { Id, Page, SyncAnswer, SyncRequest, WireRow } from "./wire.ts";

export interface BucketState extends Delivered {
  /** The digest over the rows held, always; 32 hex digits. */
  digest: string;
}

/** Where rows lie that left their bucket and are needed a while longer; no name of the server's. */
export const LIMBO = "limbo";

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
  /** Ops whose state changed, to be stored; after a fork, also those that got new numbers. */
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
    // What was restored besides is seen on the next answer, by the epoch still held.
    const done = acknowledge(known.ops, request, answer, now);
    return forked(known, done, request, Math.max(answer.generation, known.generation + 1));
  }
  const settled = settle(known.ops, request, answer, now);
  const waiting = settled.ops.filter(
    (op) => op.rev === undefined && op.generation === request.generation,
  );
  if (waiting[0] && waiting[0].seq > answer.acked + 1) {
    // A restored server lost more than this phone still has: it goes on in a generation of its own.
    return { ...forked(known, settled, request, known.generation + 1), epoch: answer.epoch };
  }
  const taken = takePages(known, request, answer);
  const cursors = Object.values(taken.buckets).map((state) => state.cursor);
  const ops = land(known, settled.ops, taken);
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

/** What waits in the generation of the request goes on in a new one. Touches no row. */
function forked(known: Known, settled: Settled, request: SyncRequest, generation: number): Outcome {
  const waiting = settled.ops.filter(
    (op) => op.rev === undefined && op.generation === request.generation,
  );
  const moved = new Set(waiting);
  const changed = settled.ops.filter((op, at) => op !== known.ops[at] && !moved.has(op));
  return {
    generation,
    epoch: known.epoch,
    buckets: known.buckets,
    limbo: known.limbo,
    ops: [...changed, ...renumber(waiting, generation)],
    dropOps: waiting,
    acked: settled.acked,
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

/** Marks the ops whose fate the rows tell, those held before or those that came (§3.3). */
function land(known: Known, ops: readonly Op[], taken: Taken): Op[] {
  const before = revsIn((id) => [...known.rows.values()].map((held) => held.get(id)));
  const after = revsIn((id) => {
    const came = [...taken.changes.values()].map((changes) => changes.get(id) ?? undefined);
    // One that left its bucket is still shown, out of limbo, unless it is nobody's any more.
    const stayed = [...known.rows].map(([bucket, held]) =>
      taken.changes.get(bucket)?.get(id) ? undefined : held.get(id),
    );
    return [...came, ...stayed];
  });
  const old = Object.values(known.buckets);
  const fresh = Object.values(taken.buckets);
  return ops.map((op) => {
    if (op.landed || op.rev === undefined) return op;
    if (isOnOverlay(op, after, fresh) && isOnOverlay(op, before, old)) return op;
    return { ...op, landed: true };
  });
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
      taken.buckets[bucket] = { ...before, more: true };
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
      const since = Math.max(page.cursor, taken.gone.get(id) ?? 0);
      if (held.has(id)) taken.gone.set(id, since);
    }
    const wanted = page.differ ? compared(held, changes, page.differ) : undefined;
    const digest = toHex(summed(fromHex(before.digest), held, changes));
    taken.changes.set(bucket, changes);
    taken.received += [...changes].filter(([id, row]) => row !== null || held.has(id)).length;
    // A cursor never goes back: what was delivered stays delivered.
    taken.buckets[bucket] = {
      cursor: Math.max(before.cursor, page.cursor),
      digest,
      ...(page.more ? { more: true } : {}),
    };
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
  const arrived = new Set<Id>();
  const leaving = new Map<Id, { row: WireRow; since: number }>();
  const leave = (row: WireRow, since: number) => {
    const other = leaving.get(row[0]);
    const isNewer = !other || other.row[2] < row[2];
    leaving.set(row[0], {
      row: isNewer ? row : other.row,
      since: Math.max(since, other?.since ?? 0),
    });
  };
  const waiting = known.rows.get(LIMBO) ?? new Map<Id, WireRow>();
  for (const [id, row] of waiting) leave(row, known.limbo[id] ?? 0);
  for (const [bucket, changes] of taken.changes) {
    for (const [id, row] of changes) {
      const old = known.rows.get(bucket)?.get(id);
      if (row) {
        puts.push({ bucket, row });
        arrived.add(id);
      } else if (old) {
        deletes.push({ bucket, id });
        leave(old, taken.gone.get(id) ?? 0);
      }
    }
  }
  for (const [bucket, rows] of known.rows) {
    if (bucket === LIMBO || answer.buckets.includes(bucket)) continue;
    for (const row of rows.values()) {
      deletes.push({ bucket, id: row[0] });
      leave(row, 0);
    }
  }
  const needed = neededRecords(known, ops);
  const limbo: Record<Id, number> = {};
  for (const [id, { row, since }] of leaving) {
    const isAwaited = needed.has(id) || (since > 0 && !isReached(since, cursors));
    if (isAwaited && !arrived.has(id)) {
      limbo[id] = since;
      if (waiting.get(id) !== row) puts.push({ bucket: LIMBO, row });
    } else if (waiting.has(id)) deletes.push({ bucket: LIMBO, id });
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
