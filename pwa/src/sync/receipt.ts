// A receipt of the village for boxes that were carried to it by hand (PROTOCOL §3.10): sealed with this phone's
// own token, so only the village can have written it. It goes the way of an answer to a sync and believes no more:
// it speaks of ops whose very boxes the village has. Rows come with the next sync.

import type { Op } from "../model/pending.ts";
import { applyAnswer } from "../model/reply.ts";
import type { Found, SyncAnswer, Verdict } from "../model/wire.ts";
import { bytesOf } from "../store/box.ts";
import type { Memory } from "../store/memory.ts";
import type { Store } from "../store/store.ts";
import { sumOf } from "./carry.ts";
import { knownOf, writesOf } from "./exchange.ts";
import { bare, pack } from "./request.ts";

export interface Told {
  village: string;
  device: string;
  generation: number;
  epoch: string;
  now: number;
  kept: number;
  first: number;
  revs: number[];
  verdicts: Verdict[];
  /** Odd answers; a code to be scanned leaves them out when they are many. */
  findings?: Found[];
  /** Of the boxes, one after the other: first half of their SHA-256, hex. */
  boxes: string;
}

/** Written for another phone, by somebody else, or damaged. */
export class Strange extends Error {}

/** The village was restored from a backup since, or this phone has not heard of it: the next sync tells. */
export class OtherLineage extends Error {}

const encoder = new TextEncoder();

/** The receipts in what a person pasted, scanned or chose as a file: a link, bare text, or the file's text. */
export function receiptsIn(text: string): string[] {
  try {
    const file = JSON.parse(text) as { magic?: unknown; receipts?: unknown } | null;
    const isFile = file?.magic === "zoufang-receipt" && Array.isArray(file.receipts);
    return isFile ? (file.receipts as unknown[]).map(String) : [];
  } catch {
    const bare = text.trim().replace(/^.*\/carry\//s, "");
    return /^[\w-]+$/.test(bare) ? [bare] : [];
  }
}

/** Throws Strange. */
export async function openReceipt(token: string, text: string): Promise<Told> {
  try {
    const bytes = bytesOf(text.replaceAll("-", "+").replaceAll("_", "/"));
    const raw = await crypto.subtle.importKey("raw", encoder.encode(token), "HKDF", false, [
      "deriveKey",
    ]);
    const key = await crypto.subtle.deriveKey(
      {
        name: "HKDF",
        hash: "SHA-256",
        salt: new Uint8Array(0),
        info: encoder.encode("zoufang-receipt 1"),
      },
      raw,
      { name: "AES-GCM", length: 256 },
      false,
      ["decrypt"],
    );
    const iv = bytes.slice(0, 12);
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, bytes.slice(12));
    return JSON.parse(new TextDecoder().decode(plain)) as Told;
  } catch {
    throw new Strange("Not this phone's receipt");
  }
}

export interface Taken {
  /** Waiting ops that have arrived. */
  arrived: number;
  /** Of the receipts, how many are this phone's and fit. */
  fit: number;
}

/** Takes in those of the receipts that fit; the others change nothing. Throws Strange, OtherLineage when none does. */
export async function takeReceipts(
  store: Store,
  texts: readonly string[],
  now: number,
): Promise<Taken> {
  const { token } = store.memory?.device ?? {};
  if (token === undefined) throw new Error("Locked");
  const done: Taken = { arrived: 0, fit: 0 };
  let unfit: unknown = new Strange("No receipt");
  for (const text of texts) {
    try {
      done.arrived += await taken(store, await openReceipt(token, text), now);
      done.fit += 1;
    } catch (error) {
      if (!(error instanceof Strange || error instanceof OtherLineage)) throw error;
      // Of a file for many phones, why this one's own did not fit says more than that others' are there.
      if (!(unfit instanceof OtherLineage)) unfit = error;
    }
  }
  if (done.fit === 0) throw unfit;
  return done;
}

async function taken(store: Store, told: Told, now: number): Promise<number> {
  const device = store.memory?.device;
  if (told.device !== device?.device || told.village !== device.village.code)
    throw new Strange("Another phone's receipt");
  if (told.epoch !== device.epoch) throw new OtherLineage("Of another lineage");
  const seqs = told.revs.map((_, at) => told.first + at);
  const isKnown = (await digestOf(store, told.generation, seqs)) === told.boxes;
  let arrived = 0;
  await store.update((memory) => {
    const own = memory.ops.filter((op) => op.generation === told.generation);
    const meant = own.filter((op) => seqs.includes(op.seq));
    const waits = meant.some((op) => op.rev === undefined);
    // A clone's ops under the same numbers, or a box sealed anew since: these go on waiting.
    if (waits && !isKnown) throw new Strange("Other boxes");
    if (!waits) return isKnown ? { ops: oddSince(meant, told) } : {};
    const { request, answer } = asAnswered(memory, told);
    const outcome = applyAnswer(knownOf(memory), request, answer, now);
    arrived = outcome.acked.length;
    return writesOf(memory, outcome, answer, now);
  });
  return arrived;
}

/** Ops known to have arrived, with what the code that said so left out. */
function oddSince(ops: readonly Op[], told: Told): Op[] {
  return ops.flatMap((op) => {
    const findings = (told.findings ?? []).filter(({ seq }) => seq === op.seq);
    return findings.length > 0 && !op.findings ? [{ ...op, findings }] : [];
  });
}

/** As if the ops had been sent and this were the answer. */
function asAnswered(memory: Memory, told: Told) {
  const { device, ops } = memory;
  const own = ops.filter((op) => op.generation === told.generation);
  const end = told.first + told.revs.length;
  const carried = own.filter((op) => op.rev === undefined && op.seq >= told.first && op.seq < end);
  const request = pack(
    bare(device, told.generation, told.now),
    carried,
    told.first,
    // It is never sent; a run in a file is longer than what a request carries.
    Number.POSITIVE_INFINITY,
  );
  const at = request.first - told.first;
  const answer: SyncAnswer = {
    magic: "zoufang-sync",
    protocol: 1,
    village: told.village,
    device: told.device,
    generation: told.generation,
    epoch: told.epoch,
    now: told.now,
    // Of later ops an old receipt knows nothing; what the phone knows of them stays.
    acked: Math.max(end - 1, ...own.filter((op) => op.rev !== undefined).map((op) => op.seq)),
    kept: told.kept,
    revs: told.revs.slice(at, at + request.ops.length),
    verdicts: told.verdicts,
    ...(told.findings ? { findings: told.findings } : {}),
    programme: "",
    buckets: Object.keys(device.buckets),
    pages: {},
  };
  return { request, answer };
}

async function digestOf(store: Store, generation: number, seqs: number[]): Promise<string> {
  const boxes = await store.ownBoxes((box) => box.generation === generation);
  return sumOf(seqs.flatMap((seq) => boxes.filter((box) => box.seq === seq)));
}
