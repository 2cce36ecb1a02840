// The shapes of sync/PROTOCOL.md, and the one check at that border: what is believed as an answer.

export type Id = string;
export type Key = string;
export type FieldValue = string | number | boolean | FieldValue[] | { [name: string]: FieldValue };
export type Fields = Record<string, FieldValue>;
export type EditValue = FieldValue | null;
export type Contested = Record<string, FieldValue[]>;

/** id, type, rev, shown fields, and the other differing values of contested keys. */
export type WireRow = [Id, string, number, Fields] | [Id, string, number, Fields, Contested];

/** An own edit in `prev`: its seq, with its generation when that was an earlier one (§3.1). */
export type OwnName = number | [generation: number, seq: number];

export interface WireChange {
  record: number;
  type: string;
  base: number;
  set: Record<Key, EditValue>;
  prev?: Record<Key, OwnName>;
}

export interface WireOp {
  at: number;
  clock: number;
  contact: number;
  schema: string;
  changes: WireChange[];
  /** Only on an op offered again after a restore: the revs it had in lineages that ended (§3.6). */
  was?: number[];
}

export interface SyncRequest {
  magic: "zoufang-sync";
  protocol: 1;
  village: string;
  device: string;
  generation: number;
  epoch: string;
  now: number;
  clock: number;
  programme: string;
  first: number;
  ids: Id[];
  ops: WireOp[];
  pull: Record<string, [number, string]>;
  /** Per bucket sixteen digests, by the last hex digit of the record id (§3.4). */
  compare?: Record<string, string[]>;
  /** Per bucket ids whose rows are wanted whatever the cursor says; 500 at most. */
  fetch?: Record<string, Id[]>;
  budget: number;
}

export interface Page {
  rows: WireRow[];
  gone: Id[];
  cursor: number;
  more: boolean;
  digest?: string;
  agrees?: boolean;
  /** Answers `compare`: digit -> [id, first 8 hex digits of the row's SHA-256] of what the server holds. */
  differ?: Record<string, [Id, string][]>;
}

export interface Verdict {
  seq: number;
  change: number;
  key?: Key;
  verdict: "applied" | "conflict" | "held" | "quarantined" | "malformed";
  reason?: string;
}

/** An odd answer that was stored all the same: which field, and why, in words. */
export interface Found {
  seq: number;
  change: number;
  /** The field, or the entry of a repeat. */
  key: Key;
  code: string;
  message: { zh: string; en: string };
}

export interface SyncAnswer {
  magic: "zoufang-sync";
  protocol: 1;
  village: string;
  device: string;
  generation: number;
  epoch: string;
  now: number;
  acked: number;
  revs: number[];
  verdicts: Verdict[];
  findings?: Found[];
  programme: string;
  buckets: string[];
  pages: Record<string, Page>;
  /** Ops up to this seq are in a backup of the server too (§3.6). */
  kept?: number;
  wipe?: true;
  retry_after?: number;
}

export interface EnrolPeek {
  village: { code: string; name: string };
  account: { name: string; role: string };
  expires_at: number;
}

export interface EnrolAnswer {
  magic: "zoufang-enrol";
  protocol: 1;
  device: string;
  token: string;
  generation: number;
  epoch: string;
  village: { code: string; name: string };
  account: { id: string; name: string; role: string };
  buckets: string[];
  now: number;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPage(value: unknown): value is Page {
  return (
    isObject(value) &&
    Array.isArray(value.rows) &&
    value.rows.every((row) => Array.isArray(row) && typeof row[0] === "string") &&
    Array.isArray(value.gone) &&
    Number.isSafeInteger(value.cursor) &&
    typeof value.more === "boolean" &&
    (value.differ === undefined ||
      (isObject(value.differ) && Object.values(value.differ).every(Array.isArray)))
  );
}

/**
 * Whether this is the village server's own answer to this device. A captive portal's 200, half an
 * answer or another phone's answer is not, and must change nothing.
 */
export function isOwnAnswer(value: unknown, device: string, village: string): value is SyncAnswer {
  return (
    isObject(value) &&
    value.magic === "zoufang-sync" &&
    value.protocol === 1 &&
    value.device === device &&
    value.village === village &&
    typeof value.epoch === "string" &&
    Number.isSafeInteger(value.generation) &&
    Number.isSafeInteger(value.acked) &&
    Number.isSafeInteger(value.now) &&
    Array.isArray(value.revs) &&
    Array.isArray(value.verdicts) &&
    Array.isArray(value.findings ?? []) &&
    Array.isArray(value.buckets) &&
    isObject(value.pages) &&
    Object.values(value.pages).every(isPage)
  );
}

export function isEnrolAnswer(value: unknown): value is EnrolAnswer {
  return (
    isObject(value) &&
    value.magic === "zoufang-enrol" &&
    value.protocol === 1 &&
    typeof value.device === "string" &&
    typeof value.token === "string" &&
    isObject(value.village) &&
    isObject(value.account) &&
    Array.isArray(value.buckets)
  );
}
