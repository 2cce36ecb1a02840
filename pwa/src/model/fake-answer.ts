// For tests: a phone's state, a request and an answer, each with only what the test is about.
import { digestOf } from "./canonical.ts";
import type { Op } from "./pending.ts";
import type { Known } from "./reply.ts";
import type { Page, SyncAnswer, SyncRequest, WireRow } from "./wire.ts";

export const id = (n: number) => n.toString(16).padStart(32, "0");
export const row = (n: number, rev: number, name = "甲"): WireRow => [
  id(n),
  "child",
  rev,
  { name },
];

export function op(seq: number, record = 1, more: Partial<Op> = {}): Op {
  return {
    seq,
    generation: 1,
    at: 0,
    clock: 1,
    contact: 0,
    schema: "",
    changes: [{ record: id(record), type: "child", base: 0, set: { name: "x" }, prev: {} }],
    ...more,
  };
}

export function known(rows: Record<string, WireRow[]>, ops: Op[] = []): Known {
  return {
    generation: 1,
    epoch: "e",
    ops,
    buckets: Object.fromEntries(
      Object.entries(rows).map(([bucket, held]) => [bucket, { cursor: 5, digest: digestOf(held) }]),
    ),
    rows: new Map(
      Object.entries(rows).map(([bucket, held]) => [bucket, new Map(held.map((r) => [r[0], r]))]),
    ),
    limbo: {},
    repair: new Map(),
  };
}

/** A request that carried `count` ops from `first` on. */
export function asked(first = 1, count = 0, more: Partial<SyncRequest> = {}): SyncRequest {
  const empty = { at: 0, clock: 1, contact: 0, schema: "", changes: [] };
  return {
    magic: "zoufang-sync",
    protocol: 1,
    village: "990000101201",
    device: "d",
    generation: 1,
    epoch: "e",
    now: 0,
    clock: 1,
    programme: "",
    first,
    ids: [],
    ops: Array.from({ length: count }, () => empty),
    pull: {},
    budget: 0,
    ...more,
  };
}

export function page(more: Partial<Page> = {}): Page {
  return { rows: [], gone: [], cursor: 9, more: false, ...more };
}

export function answer(pages: Record<string, Page>, more: Partial<SyncAnswer> = {}): SyncAnswer {
  return {
    magic: "zoufang-sync",
    protocol: 1,
    village: "990000101201",
    device: "d",
    generation: 1,
    epoch: "e",
    now: 0,
    acked: 0,
    revs: [],
    verdicts: [],
    programme: "",
    buckets: Object.keys(pages),
    pages,
    ...more,
  };
}
