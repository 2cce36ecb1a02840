import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import type { Found } from "../model/wire.ts";
import { base64Of } from "../store/box.ts";
import type { StoredBox } from "../store/database.ts";
import { assertAgrees, begin, create, screen, store, sync, village } from "./fake-phone.ts";
import {
  OtherLineage,
  openReceipt,
  receiptsIn,
  Strange,
  type Told,
  takeReceipts,
} from "./receipt.ts";
import { pack } from "./request.ts";

const ids = ["a", "b", "c", "d"].map((letter) => letter.repeat(32));
const encoder = new TextEncoder();

async function sealed(told: Told, token = "t"): Promise<string> {
  const raw = await crypto.subtle.importKey("raw", encoder.encode(token), "HKDF", false, [
    "deriveKey",
  ]);
  const way = {
    name: "HKDF",
    hash: "SHA-256",
    salt: new Uint8Array(0),
    info: encoder.encode("zoufang-receipt 1"),
  };
  const gcm = { name: "AES-GCM", length: 256 };
  const key = await crypto.subtle.deriveKey(way, raw, gcm, false, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = encoder.encode(JSON.stringify(told));
  const cipher = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, text);
  const all = base64Of(new Uint8Array([...iv, ...new Uint8Array(cipher)]));
  return all.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The village takes the boxes in, as if their ops had been sent, and says so. */
async function takenIn(boxes: readonly StoredBox[]): Promise<Told> {
  const { device, counters, ops } = store.memory ?? assert.fail();
  const carried = ops.filter((op) => boxes.some((box) => box.seq === op.seq));
  const head = { magic: "zoufang-sync", protocol: 1, village: device.village.code } as const;
  const asked = pack(
    {
      ...head,
      device: device.device,
      generation: counters.generation,
      epoch: device.epoch,
      now: 0,
      clock: 1,
      programme: "",
      pull: {},
      budget: 0,
    },
    carried,
    counters.next_seq,
    Number.POSITIVE_INFINITY,
  );
  const answer = village.answer(asked);
  const sum = await crypto.subtle.digest(
    "SHA-256",
    await new Blob(boxes.map(({ box }) => box)).arrayBuffer(),
  );
  return {
    village: device.village.code,
    device: device.device,
    generation: answer.generation,
    epoch: answer.epoch,
    now: answer.now,
    kept: 0,
    first: asked.first,
    revs: answer.revs,
    verdicts: [],
    boxes: Buffer.from(sum).toString("hex").slice(0, 32),
  };
}

beforeEach(async () => {
  await begin();
  await create(ids[0] ?? "", { name: "甲" });
  await sync();
  await create(ids[1] ?? "", { name: "乙" });
  await create(ids[2] ?? "", { name: "丙" });
});

test("a receipt the village sealed opens with the phone's token and no other", async () => {
  const vector = JSON.parse(readFileSync("../tests/vectors/carry.json", "utf8"));

  assert.deepEqual(await openReceipt(vector.token, vector.receipt), vector.told);
  await assert.rejects(openReceipt(`${vector.token}x`, vector.receipt), Strange);
});

test("what was carried stays here until its receipt is read, and on the screen until a sync", async () => {
  const told = await takenIn(await store.handOut());
  assert.equal(store.unsent().length, 2);

  assert.equal((await takeReceipts(store, [await sealed(told)], 6000)).arrived, 2);

  assert.equal(store.unsent().length, 0);
  assert.equal(screen().get(ids[1] ?? "")?.fields.name, "乙");
  assert.equal(store.memory?.device.contact, 1000);
  await store.reload();
  assert.equal(store.unsent().length, 0);
});

const ODD: Found = {
  seq: 2,
  change: 0,
  key: "population",
  code: "constraint",
  message: { zh: "请核对", en: "Please check" },
};

test("a receipt of more than one request carries is taken whole", async () => {
  await create(ids[3] ?? "", { name: "丁", note: "长".repeat(400_000) });
  await create("e".repeat(32), { name: "戊", note: "长".repeat(400_000) });
  const told = await takenIn(await store.handOut());

  assert.equal((await takeReceipts(store, [await sealed(told)], 6000)).arrived, 4);

  assert.equal(store.unsent().length, 0);
});

test("a receipt tells what is odd about answers, as a sync does", async () => {
  const told = await takenIn(await store.handOut());

  await takeReceipts(store, [await sealed({ ...told, findings: [ODD] })], 6000);

  const [, second] = store.memory?.ops ?? [];
  assert.deepEqual(second?.findings, [ODD]);
});

test("what a code left out the file brings afterwards, once", async () => {
  const told = await takenIn(await store.handOut());
  const whole = await sealed({ ...told, findings: [ODD] });
  await takeReceipts(store, [await sealed(told)], 6000);
  assert.equal(store.memory?.ops[1]?.findings, undefined);

  for (let times = 0; times < 2; times++) {
    assert.equal((await takeReceipts(store, [whole], 7000)).arrived, 0);
    await store.reload();
    assert.deepEqual(store.memory?.ops[1]?.findings, [ODD]);
  }
  assert.equal(store.unsent().length, 0);
});

test("a later sync sends nothing twice and both ends agree", async () => {
  const told = await takenIn(await store.handOut());
  await takeReceipts(store, [await sealed(told)], 6000);
  await create(ids[3] ?? "", { name: "丁" });
  village.requests.length = 0;

  await sync();

  assert.deepEqual(
    village.requests.flatMap((request) => request.ops.map((_, at) => request.first + at)),
    [4],
  );
  assert.equal(village.ops.size, 4);
  assert.equal(screen().get(ids[1] ?? "")?.pending, undefined);
  assertAgrees();
});

test("a sync without the receipt agrees as well", async () => {
  await takenIn(await store.handOut());

  await sync();

  assert.equal(village.ops.size, 3);
  assertAgrees();
});

test("a receipt read twice, or long after, changes nothing", async () => {
  const text = await sealed(await takenIn(await store.handOut()));
  await takeReceipts(store, [text], 6000);
  await create(ids[3] ?? "", { name: "丁" });
  await sync();
  const before = structuredClone(store.memory?.ops);

  assert.equal((await takeReceipts(store, [text], 7000)).arrived, 0);

  assert.deepEqual(store.memory?.ops, before);
});

test("what was saved after the file was written goes on waiting", async () => {
  const told = await takenIn(await store.handOut());
  await create(ids[3] ?? "", { name: "丁" });

  await takeReceipts(store, [await sealed(told)], 6000);

  assert.deepEqual(
    store.unsent().map((op) => op.seq),
    [4],
  );
});

test("another phone's, a stranger's or a cut receipt is refused and changes nothing", async () => {
  const told = await takenIn(await store.handOut());
  const text = await sealed(told);
  for (const wrong of [
    await sealed(told, "another token"),
    await sealed({ ...told, device: "d2" }),
    await sealed({ ...told, village: "990000101299" }),
    text.slice(0, -2),
    `${text.slice(0, -3)}AAA`,
    "",
  ]) {
    await assert.rejects(takeReceipts(store, [wrong], 6000), Strange);
  }
  await assert.rejects(takeReceipts(store, [], 6000), Strange);
  assert.equal(store.unsent().length, 2);
});

test("a receipt of other boxes under the same numbers, as a clone's are, acknowledges nothing", async () => {
  const told = await takenIn(await store.handOut());

  const clone = await sealed({ ...told, boxes: "0".repeat(32) });
  await assert.rejects(takeReceipts(store, [clone], 6000), Strange);

  assert.equal(store.unsent().length, 2);
});

test("a receipt of before or after a restore waits for the sync that tells of it", async () => {
  const backup = village.backup();
  const text = await sealed(await takenIn(await store.handOut()));
  village.restore(backup);
  await sync();
  await assert.rejects(takeReceipts(store, [text], 6000), OtherLineage);

  assert.equal(village.ops.size, 3);
  assert.equal(store.unsent().length, 0);
  assertAgrees();
});

test("a file of receipts has one for each phone, and this one finds its own", async () => {
  const told = await takenIn(await store.handOut());
  const receipts = [await sealed(told, "another token"), await sealed(told)];
  const file = JSON.stringify({ magic: "zoufang-receipt", protocol: 1, receipts });

  assert.deepEqual(await takeReceipts(store, receiptsIn(file), 6000), { arrived: 2, fit: 1 });
});

test("of a file of receipts those that fit are taken in, whatever lies before or among them", async () => {
  const first = await takenIn((await store.handOut()).slice(0, 1));
  const second = await takenIn((await store.handOut()).slice(1));
  const unfit = [
    await sealed({ ...first, device: "d2" }),
    await sealed({ ...first, epoch: "another" }),
    await sealed({ ...first, boxes: "0".repeat(32) }),
    "cut",
  ];
  const [phones, lineages, clones, cut] = unfit;
  const texts = [phones, clones, await sealed(first), lineages, await sealed(second), cut];

  assert.deepEqual(await takeReceipts(store, texts.map(String), 6000), { arrived: 2, fit: 2 });

  assert.equal(store.unsent().length, 0);
  await assert.rejects(
    takeReceipts(store, [lineages, phones, cut].map(String), 7000),
    OtherLineage,
  );
});

test("a receipt is found in a link, alone, or in a file, and nowhere else", () => {
  assert.deepEqual(receiptsIn(" https://a.example/app/#/carry/ab_-9 \n"), ["ab_-9"]);
  assert.deepEqual(receiptsIn("ab_-9"), ["ab_-9"]);
  assert.deepEqual(receiptsIn('{"magic":"zoufang-carry","receipts":["x"]}'), []);
  assert.deepEqual(receiptsIn("请看回执"), []);
  assert.deepEqual(receiptsIn("[]"), []);
});

test("what was handed out can't be taken back", async () => {
  const last = store.memory?.ops.at(-1) ?? assert.fail();
  await store.handOut();

  assert.equal(await store.undo(last), false);
});
