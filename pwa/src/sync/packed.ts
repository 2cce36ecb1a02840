// All that waits in one sealed box, an eighth of what the boxes of its ops take: small enough to be shown as codes
// (PROTOCOL §3.12). Only an unlocked phone can pack it.
import { openBox } from "../store/box.ts";
import type { Store } from "../store/store.ts";
import { gzip } from "./call.ts";
import { sumOf } from "./carry.ts";
import { bare, pack } from "./request.ts";

/** As many as a receipt speaks of. */
const MOST_OPS = 500;
const encoder = new TextEncoder();

export interface Packed {
  ops: number;
  /** The village's code, then the box; null when it is more than one box may hold. */
  message: Uint8Array<ArrayBuffer> | null;
}

/** From now on none of what waits can be taken back. Without the village's key there is nothing to pack. */
export async function packed(store: Store, now: number): Promise<Packed> {
  const boxes = await store.handOut();
  const device = store.memory?.device;
  const [first] = boxes;
  if (!device?.carry || !first) return { ops: 0, message: null };
  const seqs = new Set(boxes.map(({ seq }) => seq));
  const meant = store
    .unsent()
    .filter((op) => op.generation === first.generation && seqs.has(op.seq));
  const request = pack(bare(device, first.generation, now), meant.slice(0, MOST_OPS), first.seq);
  if (request.ops.length < boxes.length) return { ops: boxes.length, message: null };
  const text = JSON.stringify({ ...request, token: device.token, boxes: await sumOf(boxes) });
  const zipped = await gzip(text);
  const close = await openBox(device.carry.key);
  const box = await close(zipped ? new Uint8Array(zipped) : encoder.encode(text));
  const message = Uint8Array.from([...encoder.encode(device.village.code), ...box]);
  return { ops: boxes.length, message };
}
