// For tests: a phone of the smallest village, and what its screen shows.
import assert from "node:assert/strict";
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { digestOf } from "../model/canonical.ts";
import type { Change, Op } from "../model/pending.ts";
import { Register } from "../model/register.ts";
import type { Device } from "../store/memory.ts";
import { Store } from "../store/store.ts";
import { exchange } from "./exchange.ts";
import { Village } from "./fake-village.ts";

const quick = async (pin: string) => new Uint8Array(32).fill(pin.length) as Uint8Array<ArrayBuffer>;

export const DEVICE: Device = {
  device: "d1",
  token: "t",
  village: { code: "990000101201", name: "青禾村" },
  account: { id: "a", name: "甲", role: "surveyor" },
  epoch: "e1",
  buckets: {
    village: { cursor: 0, digest: "0".repeat(32) },
    "grid:01": { cursor: 0, digest: "0".repeat(32) },
  },
  limbo: {},
  mismatches: 0,
  mismatch_at: 0,
  contact: 0,
  clock: 1,
  first_done: false,
  last_sync_at: 0,
  agreed_at: 0,
  receipt: null,
};

export let village: Village;
export let store: Store;

/** A fresh phone and an empty village. */
export async function begin(): Promise<void> {
  globalThis.indexedDB = new IDBFactory();
  village = new Village();
  store = new Store(quick);
  await store.create("246813", DEVICE, 1);
}

export function op(changes: Change[]): Omit<Op, "seq" | "generation"> {
  return { at: 1, clock: 1, contact: 0, schema: "p1", changes };
}

export function create(id: string, fields: Change["set"]): Promise<Op> {
  const set = { present: true, ...fields };
  return store.save(() => op([{ record: id, type: "child", base: 0, set, prev: {} }]));
}

export const sync = () =>
  exchange(
    store,
    { fetch: village.fetch, language: () => "zh-CN" },
    () => 5000,
    () => undefined,
  );

export function screen(): Register {
  assert.ok(store.memory);
  return new Register(store.memory.rows, store.overlay());
}

export function assertAgrees(): void {
  for (const bucket of village.buckets) {
    const held = [...(store.memory?.rows.get(bucket)?.values() ?? [])];
    assert.equal(store.memory?.device.buckets[bucket]?.digest, digestOf(held));
    assert.equal(digestOf(village.rows(bucket)), digestOf(held));
  }
}
