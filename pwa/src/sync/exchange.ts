// One whole exchange with the server: push, pull, as many pages as it takes, then one confirmation
// so that the office too knows that both ends agree (PROTOCOL §3.4).
//
//   request (ops, cursors) -> answer -> one local transaction -> more? again
//                                                             -> differs? compare, fetch, again
//                                                             -> complete: confirmation -> receipt
//
// Every step can be cut anywhere: what was stored is continued, what was not is sent again, and the
// server knows a repeated op by its number.

import { add, EMPTY, toHex } from "../model/canonical.ts";
import { dayOf } from "../model/clock.ts";
import { MAX_FETCH, type Repair, sixteen } from "../model/repair.ts";
import { applyAnswer, type Known, type Outcome } from "../model/reply.ts";
import type { SyncAnswer, SyncRequest } from "../model/wire.ts";
import type { Device, Memory, Receipt, Writes } from "../store/memory.ts";
import type { Store } from "../store/store.ts";
import { getCarryKey, getProgramme, NoAnswer, postSync, type Wire } from "./call.ts";
import { bare, pack } from "./request.ts";

export interface Progress {
  sent: number;
  to_send: number;
  received: number;
  bytes: number;
  /** Answers that were stored. */
  answers: number;
}

export type Finish = { kind: "done"; receipt: Receipt } | { kind: "wipe" };

const BUDGET_BYTES = 262_144;
const MAX_ROUNDS = 2000;
/** A bucket that still differs after so many comparisons waits for the next exchange. */
const MAX_COMPARES = 4;

export async function exchange(
  store: Store,
  wire: Wire,
  now: () => number,
  onProgress: (progress: Progress) => void,
): Promise<Finish> {
  const toSend = store.unsent().length;
  const progress: Progress = { sent: 0, to_send: toSend, received: 0, bytes: 0, answers: 0 };
  let repair: Repair = new Map();
  let compares = 0;
  let look = 0;
  let isConfirming = false;
  let last = "";

  await trueDigests(store);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { request, token } = await prepare(store, now, repair);
    // The clock goes on; a request that is otherwise the last one again would go on for ever.
    const same = JSON.stringify({ ...request, now: 0 });
    if (same === last && !request.compare)
      throw new NoAnswer("The server takes nothing and brings nothing");
    last = same;
    if (request.compare) compares += 1;
    const before = progress.bytes;
    const answer = await postSync(wire, token, request, ({ sent_bytes, received_bytes }) => {
      progress.bytes = before + sent_bytes + received_bytes;
      onProgress({ ...progress });
    });
    const outcome = await take(store, request, answer, now(), repair);
    repair = outcome.repair;
    progress.sent += outcome.acked.length;
    progress.received += outcome.received;
    progress.answers += 1;
    look += outcome.acked.filter((op) => op.verdicts?.length || op.findings?.length).length;
    onProgress({ ...progress });

    const isHandedOver = store.unsent().length === 0;
    // What this phone still holds is handed over first: a revoked phone loses nobody's work.
    if (answer.wipe && isHandedOver) return { kind: "wipe" };
    const isRepairing = repair.size > 0 && compares < MAX_COMPARES;
    if (answer.wipe || outcome.more || !isHandedOver || isRepairing) {
      isConfirming = false;
      continue;
    }

    // An exchange that moved nothing was its own confirmation.
    const isProven = isConfirming || (request.ops.length === 0 && outcome.received === 0);
    if (outcome.agrees && !isProven) {
      isConfirming = true;
      continue;
    }
    await refreshProgramme(store, wire, answer.programme);
    await refreshCarryKey(store, wire);
    const fresh: Receipt = {
      at: answer.now,
      sent: progress.sent,
      received: progress.received,
      look,
      agreed: outcome.agrees,
    };
    let receipt = fresh;
    await store.update((memory) => {
      receipt = addedUp(memory.device.receipt, fresh);
      return {
        device: {
          ...memory.device,
          receipt,
          first_done: true,
          last_sync_at: now(),
          agreed_at: outcome.agrees ? answer.now : memory.device.agreed_at,
        },
      };
    });
    return { kind: "done", receipt };
  }
  throw new NoAnswer("Too many rounds");
}

/** One receipt a day, so that an exchange which moved nothing does not hide the one that did. */
export function addedUp(held: Receipt | null, fresh: Receipt): Receipt {
  if (!held || dayOf(held.at) !== dayOf(fresh.at)) return fresh;
  return {
    ...fresh,
    sent: held.sent + fresh.sent,
    received: held.received + fresh.received,
    look: held.look + fresh.look,
  };
}

/** What is to be asked beside the cursors; only once no own work waits, since that changes rows. */
function repairing(memory: Memory, repair: Repair): Pick<SyncRequest, "compare" | "fetch"> {
  const compare: Record<string, string[]> = {};
  const fetch: Record<string, string[]> = {};
  for (const [bucket, ids] of repair) {
    if (ids) fetch[bucket] = ids.slice(0, MAX_FETCH);
    else compare[bucket] = sixteen(memory.rows.get(bucket)?.values() ?? []).map(toHex);
  }
  return {
    ...(Object.keys(compare).length > 0 ? { compare } : {}),
    ...(Object.keys(fetch).length > 0 ? { fetch } : {}),
  };
}

async function prepare(store: Store, now: () => number, repair: Repair) {
  const memory = store.memory;
  if (!memory) throw new Error("Locked");
  const { device, counters } = memory;
  const waiting = store.unsent();
  // Ops of an older generation, wanted again after a restore, go first, under their own numbers.
  const generation = waiting[0]?.generation ?? counters.generation;
  const pull = Object.fromEntries(
    Object.entries(device.buckets).map(([bucket, { cursor, digest }]) => [
      bucket,
      [cursor, cursor === 0 ? "" : digest] as [number, string],
    ]),
  );
  const request = pack(
    {
      ...bare(device, generation, now()),
      programme: memory.programme?.version ?? "",
      pull,
      budget: BUDGET_BYTES,
      ...(waiting.length === 0 ? repairing(memory, repair) : {}),
    },
    waiting.filter((op) => op.generation === generation),
    counters.next_seq,
  );
  const last = request.first + request.ops.length - 1;
  // Said before it is sent: from here on these ops can no longer be undone on the phone.
  if (generation === counters.generation && last > counters.sent_seq) {
    await store.update(() => ({ counters: { sent_seq: last } }));
  }
  return { request, token: device.token };
}

async function take(
  store: Store,
  request: SyncRequest,
  answer: SyncAnswer,
  now: number,
  repair: Repair,
): Promise<Outcome> {
  let outcome: Outcome | undefined;
  await store.update((memory) => {
    outcome = applyAnswer(knownOf(memory, repair), request, answer, now);
    return writesOf(memory, outcome, answer, now);
  });
  if (!outcome) throw new Error("Nothing applied");
  return outcome;
}

export function knownOf(memory: Memory, repair: Repair = new Map()): Known {
  const { generation } = memory.counters;
  const { epoch, buckets, limbo } = memory.device;
  return { generation, epoch, buckets, limbo, ops: memory.ops, rows: memory.rows, repair };
}

export function writesOf(
  memory: Memory,
  outcome: Outcome,
  answer: SyncAnswer,
  now: number,
): Writes {
  const found = outcome.mismatched.length;
  const device: Device = {
    ...memory.device,
    epoch: outcome.epoch,
    buckets: outcome.buckets,
    limbo: outcome.limbo,
    mismatches: memory.device.mismatches + found,
    mismatch_at: found > 0 ? now : memory.device.mismatch_at,
    contact: Math.max(memory.device.contact, answer.now),
  };
  const { puts, deletes, ops, dropOps } = outcome;
  const writes: Writes = { device, puts, deletes, ops, dropOps };
  if (!outcome.forked) return writes;
  // What has moved over may have been carried before, so none of it can be undone.
  const count = ops.filter((op) => op.generation === outcome.generation).length;
  const counters = { generation: outcome.generation, next_seq: count + 1, sent_seq: count };
  return { ...writes, counters };
}

const SLICE = 200;
const summed = new WeakSet<Memory>();

/**
 * Sums the rows really held, once after they were read: what was lost or altered on the phone itself
 * must show in the digest, or nobody would ever notice. In slices, so that the screen stays alive.
 */
async function trueDigests(store: Store): Promise<void> {
  const memory = store.memory;
  if (!memory || summed.has(memory)) return;
  const found: Record<string, string> = {};
  const version = memory.counters.version;
  for (const [bucket, { cursor }] of Object.entries(memory.device.buckets)) {
    if (cursor === 0) continue;
    const rows = [...(memory.rows.get(bucket)?.values() ?? [])];
    let sum = EMPTY;
    for (let at = 0; at < rows.length; at += SLICE) {
      sum = sixteen(rows.slice(at, at + SLICE)).reduce(add, sum);
      if (rows.length > SLICE) await new Promise((resolve) => setTimeout(resolve));
    }
    found[bucket] = toHex(sum);
  }
  // Somebody wrote meanwhile: the next exchange looks again.
  if (store.memory !== memory || memory.counters.version !== version) return;
  summed.add(memory);
  const { buckets } = memory.device;
  const isTrue = Object.entries(found).every(([name, digest]) => buckets[name]?.digest === digest);
  if (isTrue) return;
  await store.update(({ device }) => {
    const next = { ...device.buckets };
    for (const [name, digest] of Object.entries(found)) {
      const state = next[name];
      if (state) next[name] = { ...state, digest };
    }
    return { device: { ...device, buckets: next } };
  });
}

export async function refreshProgramme(store: Store, wire: Wire, version: string): Promise<void> {
  const memory = store.memory;
  if (!memory || (version !== "" && memory.programme?.version === version)) return;
  const fresh = await getProgramme(wire, memory.device.token, memory.programme_etag);
  if (fresh) await store.update(() => ({ programme: fresh }));
}

/** Once, and once more after a restore, which may have brought back an older key or none. */
async function refreshCarryKey(store: Store, wire: Wire): Promise<void> {
  const device = store.memory?.device;
  if (!device || device.carry?.epoch === device.epoch) return;
  await store.takeCarryKey(await getCarryKey(wire, device.token));
}
