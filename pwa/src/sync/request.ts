// Packing own ops into one request. Pure.
import type { Op } from "../model/pending.ts";
import type { SyncRequest, WireChange, WireOp } from "../model/wire.ts";
import type { Device } from "../store/memory.ts";

const MAX_OPS = 1000;
/** Well under the server's 1 MB, so that even an uncompressed body passes. */
const MAX_TEXT = 600_000;

export type Envelope = Omit<SyncRequest, "first" | "ids" | "ops">;

/** Says who sends, and asks for nothing; so go ops that go by hand. */
export function bare(device: Device, generation: number, now: number): Envelope {
  return {
    magic: "zoufang-sync",
    protocol: 1,
    village: device.village.code,
    device: device.device,
    generation,
    epoch: device.epoch,
    now,
    clock: device.clock,
    programme: "",
    pull: {},
    budget: 0,
  };
}

/** `unsent` of one generation, in order of seq; as many of them as one request should carry. */
export function pack(
  envelope: Envelope,
  unsent: readonly Op[],
  nextSeq: number,
  mostText = MAX_TEXT,
): SyncRequest {
  const ids: string[] = [];
  const places = new Map<string, number>();
  const ops: WireOp[] = [];
  let size = 0;
  let expected = unsent[0]?.seq ?? nextSeq;
  for (const op of unsent) {
    if (op.seq !== expected || ops.length >= MAX_OPS) break;
    const changes = op.changes.map((change): WireChange => {
      let record = places.get(change.record);
      if (record === undefined) {
        record = ids.push(change.record) - 1;
        places.set(change.record, record);
      }
      const packed: WireChange = { record, type: change.type, base: change.base, set: change.set };
      if (Object.keys(change.prev).length > 0) packed.prev = change.prev;
      return packed;
    });
    const wire: WireOp = {
      at: op.at,
      clock: op.clock,
      contact: op.contact,
      schema: op.schema,
      changes,
      ...(op.was ? { was: op.was } : {}),
    };
    size += JSON.stringify(wire).length;
    if (ops.length > 0 && size > mostText) break;
    ops.push(wire);
    expected += 1;
  }
  return { ...envelope, first: unsent[0]?.seq ?? nextSeq, ids, ops };
}
