// What one write puts on the disk. All of it is sealed before its transaction begins: IndexedDB commits a
// transaction as soon as one waits for something else, such as crypto.
import { type IDBPTransaction, unwrap } from "idb";
import type { Plan } from "./blocks.ts";
import type { Boxes } from "./box.ts";
import type { Counters, Schema } from "./database.ts";
import type { filesAfter } from "./files.ts";
import type { Memory, Writes } from "./memory.ts";
import { blockPlace, draftPlace, filePlace, metaPlace, opPlace, rowPlace } from "./places.ts";
import { boxesOf, draftBoxesOf } from "./sealing.ts";
import type { Seal } from "./vault.ts";

/** All drawers but the lock's: a write never touches that. */
export const WRITTEN = [
  "plain",
  "meta",
  "rows",
  "blocks",
  "ops",
  "drafts",
  "files",
  "boxes",
  "draft_boxes",
] as const;

type Drawer = (typeof WRITTEN)[number];
type Transaction = IDBPTransaction<Schema, Drawer[], "readwrite">;

/** Seals a write. What comes back puts it in a transaction, at once and without waiting. */
export async function sealed(
  writes: Writes,
  memory: Memory,
  plan: Plan,
  files: ReturnType<typeof filesAfter>,
  seal: Seal,
  opened: Boxes,
): Promise<(tx: Transaction, counters: Counters) => void> {
  const each = <T, K>(
    items: readonly T[],
    place: (item: T) => string,
    key: (item: T) => K,
    value: (item: T) => unknown,
  ) =>
    Promise.all(
      items.map(async (item) => ({
        ...key(item),
        ...(await seal.seal(place(item), value(item))),
      })),
    );
  const isListed = files.list !== memory.files;
  // All at once: each waits for the browser's own threads, not for the others.
  const [device, programme, blocks, puts, ops, drafts, boxes, draftBoxes, list, bytes] =
    await Promise.all([
      writes.device && seal.seal(metaPlace("device"), writes.device),
      writes.programme && seal.seal(metaPlace("programme"), writes.programme),
      each(
        plan.blocks,
        blockPlace,
        ({ bucket, n }) => ({ bucket, n }),
        ({ rows }) => rows,
      ),
      each(
        plan.loose,
        ({ bucket, row }) => rowPlace(bucket, row[0]),
        ({ bucket, row }) => ({ bucket, id: row[0] }),
        ({ row }) => row,
      ),
      each(
        writes.ops ?? [],
        opPlace,
        (op) => ({ generation: op.generation, seq: op.seq, id: opPlace(op) }),
        (op) => op,
      ),
      each(
        writes.drafts ?? [],
        draftPlace,
        ({ id }) => ({ id }),
        (draft) => draft,
      ),
      boxesOf(writes, memory, opened),
      draftBoxesOf(writes, memory),
      isListed ? seal.seal(metaPlace("files"), [...files.list.values()]) : null,
      Promise.all(
        files.fresh.map(async (file) => ({
          id: file.name,
          ...(await seal.sealBytes(filePlace(file.name), file.bytes)),
        })),
      ),
    ]);
  return (tx, counters) => {
    // Requests as the browser has them: no promise each, that would be refused by itself when the whole is.
    const put = <D extends Drawer>(drawer: D, value: Schema[D]["value"]) =>
      unwrap(tx.objectStore(drawer)).put(value);
    const drop = <D extends Drawer>(drawer: D, key: Schema[D]["key"]) =>
      unwrap(tx.objectStore(drawer)).delete(key);
    put("plain", counters);
    if (device) put("meta", { id: "device", ...device });
    if (programme) put("meta", { id: "programme", ...programme });
    for (const { bucket, id } of plan.dropLoose) {
      drop("rows", [bucket, id]);
    }
    for (const { bucket, n } of plan.dropBlocks) {
      drop("blocks", [bucket, n]);
    }
    for (const item of blocks) put("blocks", item);
    for (const item of puts) put("rows", item);
    for (const op of writes.dropOps ?? []) {
      drop("ops", [op.generation, op.seq]);
      drop("boxes", [memory.device.device, op.generation, op.seq]);
    }
    for (const item of boxes) put("boxes", item);
    for (const item of ops) put("ops", item);
    for (const id of writes.dropDrafts ?? []) {
      drop("drafts", id);
      drop("draft_boxes", [memory.device.device, id]);
    }
    for (const { device: of, id } of writes.dropDraftBoxes ?? []) {
      drop("draft_boxes", [of, id]);
    }
    for (const item of draftBoxes) put("draft_boxes", item);
    for (const item of drafts) put("drafts", item);
    if (list) put("meta", { id: "files", ...list });
    for (const name of files.gone) drop("files", name);
    for (const item of bytes) put("files", item);
  };
}
