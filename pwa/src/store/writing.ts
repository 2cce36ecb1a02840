// What one write puts on the disk. All of it is sealed before its transaction begins: IndexedDB commits a
// transaction as soon as one waits for something else, such as crypto.
import type { IDBPTransaction } from "idb";
import type { Plan } from "./blocks.ts";
import type { Boxes } from "./box.ts";
import type { Schema } from "./database.ts";
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

type Transaction = IDBPTransaction<Schema, (typeof WRITTEN)[number][], "readwrite">;

/** Seals a write. What comes back puts it in a transaction, at once and without waiting. */
export async function sealed(
  writes: Writes,
  memory: Memory,
  plan: Plan,
  files: ReturnType<typeof filesAfter>,
  seal: Seal,
  opened: Boxes,
): Promise<(tx: Transaction) => void> {
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
  return (tx) => {
    if (device) void tx.objectStore("meta").put({ id: "device", ...device });
    if (programme) void tx.objectStore("meta").put({ id: "programme", ...programme });
    for (const { bucket, id } of plan.dropLoose) {
      void tx.objectStore("rows").delete([bucket, id]);
    }
    for (const { bucket, n } of plan.dropBlocks) {
      void tx.objectStore("blocks").delete([bucket, n]);
    }
    for (const item of blocks) void tx.objectStore("blocks").put(item);
    for (const item of puts) void tx.objectStore("rows").put(item);
    for (const op of writes.dropOps ?? []) {
      void tx.objectStore("ops").delete([op.generation, op.seq]);
      void tx.objectStore("boxes").delete([memory.device.device, op.generation, op.seq]);
    }
    for (const item of boxes) void tx.objectStore("boxes").put(item);
    for (const item of ops) void tx.objectStore("ops").put(item);
    for (const id of writes.dropDrafts ?? []) {
      void tx.objectStore("drafts").delete(id);
      void tx.objectStore("draft_boxes").delete([memory.device.device, id]);
    }
    for (const { device: of, id } of writes.dropDraftBoxes ?? []) {
      void tx.objectStore("draft_boxes").delete([of, id]);
    }
    for (const item of draftBoxes) void tx.objectStore("draft_boxes").put(item);
    for (const item of drafts) void tx.objectStore("drafts").put(item);
    if (list) void tx.objectStore("meta").put({ id: "files", ...list });
    for (const name of files.gone) void tx.objectStore("files").delete(name);
    for (const item of bytes) void tx.objectStore("files").put(item);
  };
}
