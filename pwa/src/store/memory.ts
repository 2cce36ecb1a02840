// What the phone holds in memory while it is open, and what a write changes in it.
import type { Programme } from "../forms/programme.ts";
import type { Decision, Disputes } from "../model/disputes.ts";
import type { Op } from "../model/pending.ts";
import type { BucketState } from "../model/reply.ts";
import type { Id, WireRow } from "../model/wire.ts";
import type { Counters, DraftBox } from "./database.ts";
import type { File, FileChange } from "./files.ts";
import { writeMarker } from "./marker.ts";
import { opPlace } from "./places.ts";

/** Who this phone is and where it stands; sealed. */
export interface Device {
  device: string;
  token: string;
  village: { code: string; name: string };
  account: { id: string; name: string; role: string };
  epoch: string;
  buckets: Record<string, BucketState>;
  /** Rows that left their bucket and are needed a while longer; see model/reply.ts. */
  limbo: Record<Id, number>;
  /** How often a bucket's rows were found to differ from the server's, and when last, ms. */
  mismatches: number;
  mismatch_at: number;
  /** Server time last told, ms. */
  contact: number;
  /** Number of the phone's clock epoch. */
  clock: number;
  first_done: boolean;
  last_sync_at: number;
  agreed_at: number;
  receipt: Receipt | null;
  /** Own answers that stand against others, and what the office decided about earlier ones. */
  disputes?: Disputes;
  decisions?: Decision[];
  /** The village's key to seal boxes to, and the epoch in which it was told. */
  carry?: { key: string; epoch: string };
}

export interface Receipt {
  at: number;
  sent: number;
  received: number;
  look: number;
  agreed: boolean;
}

export interface Draft {
  id: string;
  kind: string;
  title: string;
  at: number;
  /** The flow's own state; see forms/flow.ts. */
  state: unknown;
}

export interface Memory {
  device: Device;
  counters: Counters;
  programme: Programme | null;
  programme_etag: string;
  /** Another map after each write that put or took out rows; those of the buckets in it stay. */
  rows: Map<string, Map<Id, WireRow>>;
  /** In order of generation, then seq. */
  ops: Op[];
  drafts: Map<string, Draft>;
  /** Pictures and recordings, by name; their bytes are read when they are needed. */
  files: Map<string, File>;
}

export interface Writes extends FileChange {
  device?: Device;
  programme?: { programme: Programme; etag: string };
  puts?: { bucket: string; row: WireRow }[];
  deletes?: { bucket: string; id: Id }[];
  ops?: Op[];
  dropOps?: Op[];
  drafts?: Draft[];
  dropDrafts?: string[];
  /** Boxes of drafts that were got back. */
  dropDraftBoxes?: DraftBox[];
  counters?: Partial<Omit<Counters, "id" | "version" | "device">>;
}

export const emptyMemory = (device: Device, counters: Counters): Memory => ({
  device,
  counters,
  programme: null,
  programme_etag: "",
  rows: new Map(),
  ops: [],
  drafts: new Map(),
  files: new Map(),
});

export function bucketOf(rows: Memory["rows"], bucket: string): Map<Id, WireRow> {
  let held = rows.get(bucket);
  if (!held) {
    held = new Map();
    rows.set(bucket, held);
  }
  return held;
}

/** What was written is on the disk: memory and the marker follow. */
export function take(memory: Memory, writes: Writes, counters: Counters): void {
  memory.counters = counters;
  if (writes.device) memory.device = writes.device;
  if (writes.programme) {
    memory.programme = writes.programme.programme;
    memory.programme_etag = writes.programme.etag;
  }
  if (writes.puts?.length || writes.deletes?.length) memory.rows = new Map(memory.rows);
  for (const { bucket, id } of writes.deletes ?? []) memory.rows.get(bucket)?.delete(id);
  for (const { bucket, row } of writes.puts ?? []) {
    bucketOf(memory.rows, bucket).set(row[0], row);
  }
  const touched = new Set([...(writes.dropOps ?? []), ...(writes.ops ?? [])].map(opPlace));
  if (touched.size > 0) {
    memory.ops = [...memory.ops.filter((op) => !touched.has(opPlace(op))), ...(writes.ops ?? [])];
    memory.ops.sort((a, b) => a.generation - b.generation || a.seq - b.seq);
  }
  for (const id of writes.dropDrafts ?? []) memory.drafts.delete(id);
  for (const draft of writes.drafts ?? []) memory.drafts.set(draft.id, draft);
  writeMarker({
    device: memory.device.device,
    last_seq: counters.next_seq - 1,
    unsent: memory.ops.filter((op) => op.rev === undefined).length,
    files: counters.files ?? 0,
  });
}
