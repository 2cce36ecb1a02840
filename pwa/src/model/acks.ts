// What an answer says of own ops: stored, lost in a restore, kept in a backup. Pure.
import type { Op } from "./pending.ts";
import type { Found, SyncAnswer, SyncRequest } from "./wire.ts";

const KEEP_ACKED_MS = 30 * 86_400_000;

/** Same order as the ops held. */
export interface Settled {
  ops: Op[];
  acked: Op[];
}

/** Believes an ack only for what this very request carried: a clone of this phone may have sent more. */
export function acknowledge(
  held: readonly Op[],
  request: SyncRequest,
  answer: SyncAnswer,
  now: number,
): Settled {
  const acked: Op[] = [];
  const ops = held.map((op): Op => {
    const at = op.seq - request.first;
    const isCarried = op.generation === request.generation && at >= 0 && at < request.ops.length;
    if (op.rev !== undefined || !isCarried || op.seq > answer.acked) return op;
    const rev = answer.revs[at];
    if (rev === undefined) return op;
    const verdicts = answer.verdicts.filter((verdict) => verdict.seq === op.seq);
    const findings = answer.findings?.filter((found) => found.seq === op.seq) ?? [];
    const told = findings.length > 0 ? { findings } : {};
    const done: Op = { ...op, rev, acked_at: now, verdicts, ...told };
    acked.push(done);
    return done;
  });
  return { ops, acked };
}

/** What the server found odd in an op and nobody here has changed since. */
export function stillOdd(op: Op, ops: readonly Op[]): Found[] {
  const at = ops.indexOf(op);
  return (op.findings ?? []).filter(({ change, key }) => {
    const record = op.changes[change]?.record;
    const field = key.split("/")[0];
    return !ops.some(
      (later, place) =>
        place > at &&
        later.changes.some(
          (each) =>
            each.record === record &&
            Object.keys(each.set).some((name) => name.split("/")[0] === field),
        ),
    );
  });
}

/** Acks, and after a restore the ops which the server has lost (§3.6). */
export function settle(
  held: readonly Op[],
  request: SyncRequest,
  answer: SyncAnswer,
  now: number,
): Settled {
  const isRestored = request.epoch !== "" && answer.epoch !== request.epoch;
  const { ops, acked } = acknowledge(held, request, answer, now);
  const settled = ops.map((op, at): Op => {
    const wasStored = held[at]?.rev !== undefined;
    const isOwn = op.generation === request.generation;
    // After a restore `acked` may speak of a clone's ops under the same numbers, and of older generations
    // it says nothing. So all is offered that no backup is known to hold; what the server has it knows.
    const isLost = isRestored
      ? !isOwn || op.seq > (answer.kept ?? 0)
      : isOwn && op.seq > answer.acked;
    return wasStored && isLost ? again(op) : op;
  });
  return { ops: settled, acked };
}

/** Back into the queue, with every rev it ever had: what others saw of it they saw under one of them. */
function again(op: Op): Op {
  const { rev = 0, acked_at: _at, verdicts: _verdicts, findings: _found, ...rest } = op;
  return rev > 0 ? { ...rest, was: [...(op.was ?? []), rev] } : rest;
}

/**
 * Acked ops of no more use: landed, in a backup of the server, and of an older month (until then
 * their verdicts can be looked up). What a backup holds of this generation it holds of the older
 * ones too, as far as it was stored before.
 */
export function outdated(ops: readonly Op[], generation: number, kept: number, now: number): Op[] {
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
