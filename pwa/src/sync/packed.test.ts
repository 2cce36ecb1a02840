import assert from "node:assert/strict";
import { createDecipheriv, createECDH, createHash, hkdfSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import { gunzipSync } from "node:zlib";
import type { SyncRequest } from "../model/wire.ts";
import { begin, create, store, sync, village } from "./fake-phone.ts";
import { framesOf } from "./frames.ts";
import { packed } from "./packed.ts";

const VECTOR = JSON.parse(readFileSync("../tests/vectors/carry.json", "utf8"));
const VILLAGE = 12;
const ids = ["a", "b", "c"].map((letter) => letter.repeat(32));

/** What the village finds in a box, PROTOCOL §3.8 and §3.12. */
function opened(box: Uint8Array): SyncRequest & { token: string; boxes: string } {
  const der = Buffer.from(VECTOR.private, "base64");
  const own = createECDH("prime256v1");
  // The private number of a PKCS#8 key of this curve, which names no parameters inside.
  own.setPrivateKey(der.subarray(36, 68));
  const point = box.subarray(0, 65);
  const salt = Buffer.concat([point, own.getPublicKey()]);
  const secret = own.computeSecret(point);
  const key = Buffer.from(hkdfSync("sha256", secret, salt, "zoufang-carry 1", 32));
  const open = createDecipheriv("aes-256-gcm", key, box.subarray(65, 77));
  open.setAuthTag(box.subarray(-16));
  const text = Buffer.concat([open.update(box.subarray(77, -16)), open.final()]);
  return JSON.parse(String(text[0] === 0x1f ? gunzipSync(text) : text));
}

beforeEach(async () => {
  await begin();
  await create(ids[0] ?? "", { name: "甲" });
  await sync();
  await store.takeCarryKey(VECTOR.public);
  await create(ids[1] ?? "", { name: "乙" });
  await create(ids[2] ?? "", { name: "丙" });
});

test("all that waits goes into one box, as a sync would send it, and names the boxes that are kept", async () => {
  const { ops, message } = await packed(store, 6000);
  assert.ok(message);
  assert.equal(new TextDecoder().decode(message.subarray(0, VILLAGE)), "990000101201");
  const request = opened(message.subarray(VILLAGE));

  assert.deepEqual([ops, request.first, request.ops.length], [2, 2, 2]);
  assert.equal(request.token, "t");
  const kept = await store.ownBoxes(({ seq }) => seq >= 2);
  const sum = createHash("sha256").update(Buffer.concat(kept.map(({ box }) => box)));
  assert.equal(request.boxes, sum.digest("hex").slice(0, 32));
  village.requests.length = 0;
  await sync();
  const sent = village.requests[0];
  assert.deepEqual([request.ids, request.ops], [sent?.ids, sent?.ops]);
});

test("what was packed to be shown can't be taken back, and goes on waiting", async () => {
  const last = store.memory?.ops.at(-1) ?? assert.fail();

  await packed(store, 6000);

  assert.equal(await store.undo(last), false);
  assert.equal(store.unsent().length, 2);
});

test("a day's visits take a few codes, an eighth of their boxes", async () => {
  for (let n = 0; n < 18; n++)
    await create(String(n % 10).repeat(31) + (n > 9 ? "a" : "b"), {
      occurred_on: "2026-11-22",
      living: "01",
      study: "02",
      mood: "01",
      note: `第 ${n} 家：奶奶腰疼，下雨天去村口接孩子。`,
    });
  const { ops, message } = await packed(store, 6000);
  const boxes = await store.ownBoxes(({ seq }) => seq >= 2);

  assert.equal(ops, 20);
  const size = boxes.reduce((sum, { box }) => sum + box.length, 0);
  assert.ok(message && message.length < size / 8, `${message?.length} of ${size}`);
  assert.ok((await framesOf(message)).length <= 12);
});

test("a browser that cannot compress seals the same as it is", async () => {
  const { CompressionStream } = globalThis;
  Reflect.deleteProperty(globalThis, "CompressionStream");
  try {
    const { message } = await packed(store, 6000);
    assert.equal(opened(message?.subarray(VILLAGE) ?? assert.fail()).ops.length, 2);
  } finally {
    globalThis.CompressionStream = CompressionStream;
  }
});

test("more than one box may hold goes by file", async () => {
  await create("e".repeat(32), { name: "戊", note: "长".repeat(400_000) });
  await create("f".repeat(32), { name: "己", note: "长".repeat(400_000) });

  assert.deepEqual(await packed(store, 6000), { ops: 4, message: null });
});

test("a phone that never heard the village's key has nothing to show", async () => {
  await begin();
  await create(ids[0] ?? "", { name: "甲" });

  assert.deepEqual(await packed(store, 6000), { ops: 0, message: null });
});
