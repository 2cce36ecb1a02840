import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { NoAnswer } from "./call.ts";
import { handOver, partsOf } from "./carry.ts";
import { begin, create, DEVICE, store, sync, village } from "./fake-phone.ts";

const wire = {
  fetch: (...args: Parameters<typeof fetch>) => village.fetch(...args),
  language: () => "zh-CN",
};
const ids = ["a", "b", "c"].map((letter) => letter.repeat(32));

beforeEach(async () => {
  await begin();
  await create(ids[0] ?? "", { name: "甲" });
  await sync();
});

test("the key is told at the first exchange, and again in a new epoch", async () => {
  const first = store.memory?.device.carry;

  village.restore(village.backup());
  await sync();

  assert.equal(first?.epoch, "e1");
  assert.equal(store.memory?.device.carry?.epoch, "e1+");
});

test("the boxes of an erased store are handed over once", async () => {
  village.kept = 1;
  await create(ids[1] ?? "", { name: "乙" });
  await create(ids[2] ?? "", { name: "丙" });
  assert.equal(await store.erase(), true);

  assert.deepEqual(await handOver(store, wire), { stored: 3, left: 0 });
  assert.deepEqual(await handOver(store, wire), { stored: 0, left: 0 });

  assert.equal(village.boxes.length, 3);
});

test("what is not stored stays on the phone", async () => {
  await store.erase();
  village.becameOf = "waits";

  assert.deepEqual(await handOver(store, wire), { stored: 0, left: 1 });

  assert.equal((await store.orphans()).length, 1);
});

test("no answer loses no box", async () => {
  await store.erase();
  const cut = { ...wire, fetch: () => Promise.reject(new TypeError("cut")) };

  await assert.rejects(handOver(store, cut), NoAnswer);

  assert.equal((await store.orphans()).length, 1);
});

test("the boxes of an earlier enrolment are not taken for the present one's", async () => {
  await store.erase();
  await store.create("246813", { ...DEVICE, device: "d2" }, 1);
  await sync();

  assert.deepEqual(
    (await store.orphans()).map((box) => box.device),
    ["d1"],
  );
});

const boxOf = (seq: number, village = "a", size = 10) => ({
  village,
  device: "d1",
  generation: 1,
  seq,
  box: new Uint8Array(size),
});
const seqsOf = (parts: ReturnType<typeof partsOf>) =>
  parts.map((part) => part.map((box) => box.seq));

test("what is too much for one file goes into several, each record into one", () => {
  const boxes = [1, 2, 3, 4, 5].map((seq) => boxOf(seq));

  assert.deepEqual(seqsOf(partsOf(boxes, 2)), [[1, 2], [3, 4], [5]]);
  assert.deepEqual(seqsOf(partsOf(boxes, 9, 30)), [[1, 2], [3, 4], [5]]);
  assert.deepEqual(seqsOf(partsOf(boxes)), [[1, 2, 3, 4, 5]]);
  assert.deepEqual(partsOf([]), []);
});

test("a file holds the records of one village, and one that is large by itself has its own", () => {
  const boxes = [boxOf(1, "a", 100), boxOf(2), boxOf(3, "b"), boxOf(4, "b")];

  assert.deepEqual(seqsOf(partsOf(boxes, 9, 30)), [[1], [2], [3, 4]]);
});
