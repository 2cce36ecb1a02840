// What a write seals once more, to the village's key, so that it outlives a PIN that is forgotten.
import { bare, pack } from "../sync/request.ts";
import { type Boxes, openBox } from "./box.ts";
import type { DraftBox, StoredBox } from "./database.ts";
import type { Memory, Writes } from "./memory.ts";
import { opPlace } from "./places.ts";

/** A box for each op that is to be sent, or has none yet; none while the village's key is not known. */
export async function boxesOf(writes: Writes, memory: Memory, boxes: Boxes): Promise<StoredBox[]> {
  const device = writes.device ?? memory.device;
  const { carry } = device;
  if (!carry) return [];
  const isNewKey = carry.key !== memory.device.carry?.key;
  const known = new Set(memory.ops.map(opPlace));
  const wanted = (writes.ops ?? []).filter(
    (op) => isNewKey || op.rev === undefined || !known.has(opPlace(op)),
  );
  return Promise.all(
    wanted.map(async (op) => {
      const { generation, seq } = op;
      const envelope = {
        ...bare(device, generation, op.at),
        clock: op.clock,
        programme: op.schema,
      };
      const request = { ...pack(envelope, [op], seq), token: device.token };
      const close = await boxes.open(carry.key);
      const box = await close(request);
      return { village: device.village.code, device: device.device, generation, seq, box };
    }),
  );
}

/** A box for each draft, with the token that says whose it is; none while the village's key is not known. */
export async function draftBoxesOf(writes: Writes, memory: Memory): Promise<DraftBox[]> {
  const { carry, device, token, village } = writes.device ?? memory.device;
  if (!carry) return [];
  return Promise.all(
    (writes.drafts ?? []).map(async (draft) => {
      const value = { magic: "zoufang-draft", protocol: 1, device, token, draft };
      const close = await openBox(carry.key);
      const box = await close(value);
      return { village: village.code, device, id: draft.id, box };
    }),
  );
}
