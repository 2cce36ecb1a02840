// Opening all that lies in the sealed store, once the key is there.
import type { Programme } from "../forms/programme.ts";
import type { Op } from "../model/pending.ts";
import type { BucketState } from "../model/reply.ts";
import type { WireRow } from "../model/wire.ts";
import { Blocks } from "./blocks.ts";
import type { Connection, Counters } from "./database.ts";
import type { File } from "./files.ts";
import { bucketOf, type Device, type Draft, type Memory } from "./memory.ts";
import { blockPlace, draftPlace, metaPlace, opPlace, rowPlace } from "./places.ts";
import type { Seal } from "./vault.ts";

/** Reads everything from IndexedDB. */
export async function readAll(
  connection: Connection,
  seal: Seal,
): Promise<{ memory: Memory; blocks: Blocks }> {
  const [counters, metas, rows, packed, ops, drafts] = await connection.use(async (db) => {
    const tx = db.transaction(["plain", "meta", "rows", "blocks", "ops", "drafts"]);
    return Promise.all([
      tx.objectStore("plain").get("counters") as Promise<Counters | undefined>,
      tx.objectStore("meta").getAll(),
      tx.objectStore("rows").getAll(),
      tx.objectStore("blocks").getAll(),
      tx.objectStore("ops").getAll(),
      tx.objectStore("drafts").getAll(),
    ]);
  });
  // Another window has erased the phone meanwhile.
  if (!counters) throw new Error("Nothing is stored");
  const meta = new Map<string, unknown>();
  for (const item of metas) meta.set(item.id, await seal.open(metaPlace(item.id), item));
  const held: Memory["rows"] = new Map();
  const blocks = new Blocks();
  // By key, so by number: a later block's copy of a row is the one that counts.
  const opened = await Promise.all(
    packed.map((item) => seal.open<WireRow[]>(blockPlace(item), item)),
  );
  packed.forEach(({ bucket, n }, at) => {
    const found = opened[at] ?? [];
    for (const row of found) bucketOf(held, bucket).set(row[0], row);
    blocks.found(
      bucket,
      n,
      found.map((row) => row[0]),
    );
  });
  const loose = await Promise.all(
    rows.map((item) => seal.open<WireRow>(rowPlace(item.bucket, item.id), item)),
  );
  rows.forEach(({ bucket, id }, at) => {
    const row = loose[at];
    if (row) bucketOf(held, bucket).set(id, row);
    blocks.foundLoose(bucket, id);
  });
  const ownOps = await Promise.all(ops.map((item) => seal.open<Op>(opPlace(item), item)));
  const ownDrafts = await Promise.all(
    drafts.map((item) => seal.open<Draft>(draftPlace(item), item)),
  );
  const kept = meta.get("programme") as { programme: Programme; etag: string } | undefined;
  const memory: Memory = {
    device: completed(meta.get("device") as StoredDevice),
    counters,
    programme: kept?.programme ?? null,
    programme_etag: kept?.etag ?? "",
    rows: held,
    ops: ownOps,
    drafts: new Map(ownDrafts.map((draft) => [draft.id, draft])),
    files: new Map(
      ((meta.get("files") as File[] | undefined) ?? []).map((file) => [file.name, file]),
    ),
  };
  return { memory, blocks };
}

type StoredDevice = Omit<Device, "limbo" | "mismatches" | "mismatch_at" | "buckets"> &
  Partial<Pick<Device, "limbo" | "mismatches" | "mismatch_at">> & {
    buckets: Record<string, BucketState & { left?: true }>;
  };

/** A device as an older version of the app kept it, brought up to date. */
function completed(stored: StoredDevice): Device {
  const own = Object.entries(stored.buckets).filter(([, state]) => !state.left);
  const buckets = Object.fromEntries(own.map(([name, { left: _left, ...state }]) => [name, state]));
  return { limbo: {}, mismatches: 0, mismatch_at: 0, ...stored, buckets };
}
