// The IndexedDB under the store: what lies in which drawer, opening it, and opening it again when the
// browser has dropped the connection (iOS does so when an app was long in the background).
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { chosen } from "./profiles.ts";
import type { Lock, Sealed } from "./vault.ts";

/** Readable without the PIN: numbers only, so that seq is given inside the saving transaction. */
export interface Counters {
  id: "counters";
  generation: number;
  /** The seq the next op gets. */
  next_seq: number;
  /** The highest seq ever put in a request; these can no longer be undone. */
  sent_seq: number;
  /** Goes up at each write; tells another tab that its memory is old. */
  version: number;
  /** Whose boxes tell, without the PIN, whether all ops lie in boxes too. */
  device?: string;
  /** Attachments of saved work that the village does not have yet; they lie in no box. */
  files?: number;
}

export interface Attempts {
  id: "attempts";
  wrong: number;
  not_before: number;
}

export interface Schema extends DBSchema {
  lock: { key: string; value: Lock & { id: "lock" } };
  plain: { key: string; value: Counters | Attempts };
  meta: { key: string; value: Sealed & { id: string } };
  rows: { key: [string, string]; value: Sealed & { bucket: string; id: string } };
  blocks: { key: [string, number]; value: Sealed & { bucket: string; n: number } };
  ops: { key: [number, number]; value: Sealed & { generation: number; seq: number; id: string } };
  drafts: { key: string; value: Sealed & { id: string } };
  boxes: { key: [string, number, number]; value: StoredBox };
  draft_boxes: { key: [string, string]; value: DraftBox };
  files: { key: string; value: Sealed & { id: string } };
}

/** An op sealed to the village's key, which nothing on this phone can open; see box.ts. */
export interface StoredBox {
  village: string;
  device: string;
  generation: number;
  seq: number;
  box: Uint8Array<ArrayBuffer>;
}

/** A draft sealed to the village's key: whoever enrols anew on this phone gets it back from there. */
export interface DraftBox {
  village: string;
  device: string;
  id: string;
  box: Uint8Array<ArrayBuffer>;
}

export type Database = IDBPDatabase<Schema>;

export const DATABASE = chosen;
/**
 * 2: rows lie in blocks; those of version 1, each by itself, are packed at the first write.
 * 3: boxes; ops of older versions get theirs when the village's key is told.
 * 4: boxes of drafts; drafts of older versions get theirs at the next unlock.
 * 5: files, the bytes of pictures and recordings; older versions had none.
 */
const VERSION = 5;
/** All drawers that go when the phone is erased. The boxes stay until the village has opened them. */
export const DRAWERS = [
  "lock",
  "plain",
  "meta",
  "rows",
  "blocks",
  "ops",
  "drafts",
  "files",
] as const;
export const BOX_DRAWERS = ["boxes", "draft_boxes"] as const;
export const ALL_DRAWERS = [...DRAWERS, ...BOX_DRAWERS] as const;

export async function openDatabase(onClosed: () => void): Promise<Database> {
  return openDB<Schema>(DATABASE, VERSION, {
    upgrade(db, from) {
      if (from < 1) {
        db.createObjectStore("lock", { keyPath: "id" });
        db.createObjectStore("plain", { keyPath: "id" });
        db.createObjectStore("meta", { keyPath: "id" });
        db.createObjectStore("rows", { keyPath: ["bucket", "id"] });
        db.createObjectStore("ops", { keyPath: ["generation", "seq"] });
        db.createObjectStore("drafts", { keyPath: "id" });
      }
      if (from < 2) db.createObjectStore("blocks", { keyPath: ["bucket", "n"] });
      if (from < 3) db.createObjectStore("boxes", { keyPath: ["device", "generation", "seq"] });
      if (from < 4) db.createObjectStore("draft_boxes", { keyPath: ["device", "id"] });
      if (from < 5) db.createObjectStore("files", { keyPath: "id" });
    },
    blocking(_current, _blocked, event) {
      // A newer version of the app wants to open in another tab: step aside.
      (event.target as IDBDatabase).close();
      onClosed();
    },
    terminated: onClosed,
  });
}

const DROPPED = new Set(["InvalidStateError", "UnknownError", "AbortError"]);

/** A connection that is opened on use, and once more when it was dropped. */
export class Connection {
  #open: Promise<Database> | null = null;

  async use<T>(work: (db: Database) => Promise<T>): Promise<T> {
    try {
      return await work(await this.#database());
    } catch (error) {
      if (!(error instanceof DOMException) || !DROPPED.has(error.name)) throw error;
      await this.close();
      return work(await this.#database());
    }
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    try {
      (await open)?.close();
    } catch {
      // A connection that never opened needs no closing.
    }
  }

  #database(): Promise<Database> {
    this.#open ??= openDatabase(() => {
      this.#open = null;
    }).catch((error: unknown) => {
      this.#open = null;
      throw error;
    });
    return this.#open;
  }
}
