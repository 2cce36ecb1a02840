// One whole exchange with the server: push, pull, as many pages as it takes, then one confirmation
// so that the office too knows that both ends agree (PROTOCOL §3.4).
//
//   request (ops, cursors) -> answer -> one local transaction -> more? again
//                                                             -> complete: confirmation -> receipt
//
// Every step can be cut anywhere: what was stored is continued, what was not is sent again, and the
// server knows a repeated op by its number.

import { digestOf } from "../model/canonical.ts";
import { dayOf } from "../model/clock.ts";
import { applyAnswer, type Known } from "../model/reply.ts";
import type { Id, SyncAnswer } from "../model/wire.ts";
import type { Device, Memory, Receipt, Store, Writes } from "../store/store.ts";
import { getProgramme, NoAnswer, postSync, type Wire } from "./call.ts";
import { pack } from "./request.ts";

export interface Progress {
  sent: number;
  to_send: number;
  received: number;
  bytes: number;
}

export type Finish = { kind: "done"; receipt: Receipt } | { kind: "wipe" };

const BUDGET_BYTES = 262_144;
const MAX_ROUNDS = 2000;
const MAX_REPAIRS = 1;

export async function exchange(
  store: Store,
  wire: Wire,
  now: () => number,
  onProgress: (progress: Progress) => void,
): Promise<Finish> {
  const toSend = store.unsent().length;
  const progress: Progress = { sent: 0, to_send: toSend, received: 0, bytes: 0 };
  const repairing: Known["repairing"] = new Map();
  let repairs = 0;
  let look = 0;
  let confirming = false;

  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { request, token } = await prepare(store, now, repairing);
    const before = progress.bytes;
    const answer = await postSync(wire, token, request, ({ sent_bytes, received_bytes }) => {
      progress.bytes = before + sent_bytes + received_bytes;
      onProgress({ ...progress });
    });
    const { outcome, newlyAcked } = await take(store, answer, request.first, now(), repairing);
    progress.sent += newlyAcked.length;
    progress.received += outcome.received;
    if (answer.wipe) {
      // What this phone still holds is handed over first: a revoked phone loses nobody's work.
      const isDone = store.unsent().length === 0 || newlyAcked.length === 0;
      if (isDone) return { kind: "wipe" };
      continue;
    }
    look += newlyAcked.filter((op) => (op.verdicts ?? []).length > 0).length;
    onProgress({ ...progress });

    if (request.epoch !== "" && answer.epoch !== request.epoch) {
      // The server came back from a backup: its numbers may mean other things than they did.
      const own = Object.keys(store.memory?.device.buckets ?? {});
      await restart(store, own);
      for (const bucket of own) repairing.set(bucket, new Set<Id>());
      confirming = false;
      continue;
    }

    for (const bucket of repairing.keys()) {
      if (answer.pages[bucket]?.more === false) repairing.delete(bucket);
    }
    if (outcome.mismatched.length > 0 && repairs < MAX_REPAIRS) {
      repairs += 1;
      await restart(store, outcome.mismatched);
      for (const bucket of outcome.mismatched) repairing.set(bucket, new Set<Id>());
      confirming = false;
      continue;
    }
    if (newlyAcked.length === 0 && request.ops.length > 0 && !outcome.forked) {
      const first = store.unsent()[0]?.seq;
      // Told to go on from elsewhere is progress; standing still is not.
      if (first === request.first) throw new NoAnswer("The server takes nothing");
    }
    if (outcome.more || store.unsent().length > 0) {
      confirming = false;
      continue;
    }

    // An exchange that moved nothing was its own confirmation.
    const isProven = confirming || (request.ops.length === 0 && outcome.received === 0);
    if (outcome.agrees && !isProven) {
      confirming = true;
      continue;
    }
    await refreshProgramme(store, wire, answer.programme);
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
        dropOps: store.outdated(now()),
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

async function prepare(store: Store, now: () => number, repairing: Known["repairing"]) {
  const memory = store.memory;
  if (!memory) throw new Error("Locked");
  const { device, counters } = memory;
  const pull = Object.fromEntries(
    Object.entries(device.buckets)
      .filter(([, state]) => !state.left)
      .map(([bucket, state]) => [
        bucket,
        [state.cursor, state.cursor === 0 || repairing.has(bucket) ? "" : state.digest] as [
          number,
          string,
        ],
      ]),
  );
  const request = pack(
    {
      magic: "zoufang-sync",
      protocol: 1,
      village: device.village.code,
      device: device.device,
      generation: counters.generation,
      epoch: device.epoch,
      now: now(),
      clock: device.clock,
      programme: memory.programme?.version ?? "",
      pull,
      budget: BUDGET_BYTES,
    },
    store.unsent(),
    counters.next_seq,
  );
  const last = request.first + request.ops.length - 1;
  // Said before it is sent: from here on these ops can no longer be undone on the phone.
  if (last > counters.sent_seq) await store.update(() => ({ counters: { sent_seq: last } }));
  return { request, token: device.token };
}

async function take(
  store: Store,
  answer: SyncAnswer,
  first: number,
  now: number,
  repairing: Known["repairing"],
) {
  let outcome: ReturnType<typeof applyAnswer> | undefined;
  const wasAcked = new Set(
    (store.memory?.ops ?? []).filter((op) => op.rev !== undefined).map((op) => op.seq),
  );
  await store.update((memory) => {
    outcome = applyAnswer(knownOf(memory, repairing), answer, first, now);
    return writesOf(memory, outcome, answer);
  });
  if (!outcome) throw new Error("Nothing applied");
  const newlyAcked = outcome.forked
    ? []
    : outcome.ops.filter((op) => op.rev !== undefined && !wasAcked.has(op.seq));
  return { outcome, newlyAcked };
}

function knownOf(memory: Memory, repairing: Known["repairing"]): Known {
  return {
    generation: memory.counters.generation,
    epoch: memory.device.epoch,
    buckets: memory.device.buckets,
    ops: memory.ops.filter((op) => op.generation === memory.counters.generation),
    rows: memory.rows,
    repairing,
  };
}

function writesOf(
  memory: Memory,
  outcome: ReturnType<typeof applyAnswer>,
  answer: SyncAnswer,
): Writes {
  const device: Device = {
    ...memory.device,
    epoch: outcome.epoch,
    buckets: outcome.buckets,
    contact: Math.max(memory.device.contact, answer.now),
  };
  if (!outcome.forked) {
    return { device, puts: outcome.puts, deletes: outcome.deletes, ops: outcome.ops };
  }
  return {
    device,
    dropOps: memory.ops.filter((op) => op.rev === undefined),
    ops: outcome.ops,
    counters: {
      generation: outcome.generation,
      next_seq: outcome.ops.length + 1,
      sent_seq: 0,
    },
  };
}

/** Begins buckets again from cursor 0, keeping their rows until the fresh ones have come. */
async function restart(store: Store, buckets: readonly string[]): Promise<void> {
  await store.update((memory) => {
    const next = { ...memory.device.buckets };
    for (const bucket of buckets) {
      next[bucket] = { cursor: 0, digest: digestOf(memory.rows.get(bucket)?.values() ?? []) };
    }
    return { device: { ...memory.device, buckets: next } };
  });
}

export async function refreshProgramme(store: Store, wire: Wire, version: string): Promise<void> {
  const memory = store.memory;
  if (!memory || (version !== "" && memory.programme?.version === version)) return;
  const fresh = await getProgramme(wire, memory.device.token, memory.programme_etag);
  if (fresh) await store.update(() => ({ programme: fresh }));
}
