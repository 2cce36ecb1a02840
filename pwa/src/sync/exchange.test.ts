import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { digestOf } from "../model/canonical.ts";
import { uuid7 } from "../model/clock.ts";
import type { Change, Op } from "../model/pending.ts";
import { Register } from "../model/register.ts";
import { type Device, Store } from "../store/store.ts";
import { NoAnswer } from "./call.ts";
import { exchange } from "./exchange.ts";
import { Village } from "./fake-village.ts";

const quick = async (pin: string) => new Uint8Array(32).fill(pin.length) as Uint8Array<ArrayBuffer>;

const DEVICE: Device = {
  device: "d1",
  token: "t",
  village: { code: "990000101201", name: "青禾村" },
  account: { id: "a", name: "甲", role: "surveyor" },
  epoch: "e1",
  buckets: {
    village: { cursor: 0, digest: "0".repeat(32) },
    "grid:01": { cursor: 0, digest: "0".repeat(32) },
  },
  contact: 0,
  clock: 1,
  first_done: false,
  last_sync_at: 0,
  agreed_at: 0,
  receipt: null,
};

let village: Village;
let store: Store;

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory();
  village = new Village();
  store = new Store(quick);
  await store.create("246813", DEVICE, 1);
});

function op(changes: Change[]): Omit<Op, "seq" | "generation"> {
  return { at: 1, clock: 1, contact: 0, schema: "p1", changes };
}

function create(id: string, fields: Change["set"]): Promise<Op> {
  const set = { present: true, ...fields };
  return store.save(() => op([{ record: id, type: "child", base: 0, set, prev: {} }]));
}

const sync = () =>
  exchange(
    store,
    { fetch: village.fetch, language: () => "zh-CN" },
    () => 5000,
    () => undefined,
  );

function screen(): Register {
  assert.ok(store.memory);
  return new Register(store.memory.rows, store.overlay());
}

function assertAgrees(): void {
  for (const bucket of village.buckets) {
    const held = [...(store.memory?.rows.get(bucket)?.values() ?? [])];
    assert.equal(store.memory?.device.buckets[bucket]?.digest, digestOf(held));
    assert.equal(digestOf(village.rows(bucket)), digestOf(held));
  }
}

test("an evening is one request that moves all work and one confirmation", async () => {
  village.put("a".repeat(32), "child", { name: "甲" });
  const id = uuid7();
  await create(id, { name: "乙" });

  const finish = await sync();

  assert.equal(village.requests.length, 2);
  assert.deepEqual(
    village.requests.map((request) => request.ops.length),
    [1, 0],
  );
  assert.equal(finish.kind === "done" && finish.receipt.agreed, true);
  assert.deepEqual(store.unsent(), []);
  assert.equal(screen().get(id)?.pending, undefined);
  assertAgrees();
});

test("an exchange with nothing to move is a single request", async () => {
  await sync();
  village.requests.length = 0;

  await sync();

  assert.equal(village.requests.length, 1);
});

test("a lost answer is asked for again and nothing arrives twice", async () => {
  const id = uuid7();
  await create(id, { name: "乙" });
  village.onAnswer = () => {
    throw new TypeError("connection reset");
  };
  await assert.rejects(sync(), NoAnswer);
  assert.equal(store.unsent().length, 1);
  assert.equal(screen().get(id)?.fields.name, "乙");
  village.onAnswer = (answer) => answer;

  await sync();

  assert.equal(village.ops.size, 1);
  assert.equal(village.rows("grid:01").length, 1);
  assertAgrees();
});

test("a captive portal's page, half an answer and another phone's answer change nothing", async () => {
  await create(uuid7(), { name: "乙" });
  const before = JSON.stringify(store.memory?.device);
  const answers: ((text: string) => unknown)[] = [
    () => new Response("<html>login</html>"),
    (text) => new Response(text.slice(0, text.length / 2)),
    (text) => JSON.parse(text.replace('"device":"d1"', '"device":"d2"')),
    (text) => JSON.parse(text.replace("zoufang-sync", "zoufang-else")),
  ];

  for (const fake of answers) {
    village.onAnswer = (answer) => fake(JSON.stringify(answer));
    await assert.rejects(sync(), NoAnswer);
  }

  assert.equal(JSON.stringify(store.memory?.device), before);
  assert.equal(store.unsent().length, 1);
});

test("half the pages survive a cut, and the rest follows", async () => {
  village.pageSize = 2;
  for (let n = 0; n < 7; n++) village.put(String(n).repeat(32), "child", { name: `${n}` });
  let answers = 0;
  village.onAnswer = (answer) => {
    answers += 1;
    if (answers === 3) throw new TypeError("cut");
    return answer;
  };
  await assert.rejects(sync(), NoAnswer);
  const had = store.memory?.rows.get("grid:01")?.size;

  await store.reload();
  await sync();

  assert.equal(had, 4);
  assert.equal(store.memory?.rows.get("grid:01")?.size, 7);
  assertAgrees();
});

test("an own edit stays on the screen until its rev has come back", async () => {
  village.put("a".repeat(32), "child", { name: "甲" });
  await sync();
  village.pageSize = 1;
  village.put("b".repeat(32), "child", { name: "丙" });
  village.put("c".repeat(32), "child", { name: "丁" });
  const set = { name: "乙" };
  await store.save(() => op([{ record: "a".repeat(32), type: "child", base: 1, set, prev: {} }]));
  village.onAnswer = (answer) => {
    village.onAnswer = () => {
      throw new TypeError("cut");
    };
    return answer;
  };
  await assert.rejects(sync(), NoAnswer);

  assert.equal(store.unsent().length, 0);
  assert.equal(screen().get("a".repeat(32))?.fields.name, "乙");
  assert.equal(screen().get("a".repeat(32))?.pending, true);
});

test("a gone row leaves the screen", async () => {
  village.put("a".repeat(32), "child", { name: "甲" });
  await sync();
  village.remove("a".repeat(32));

  await sync();

  assert.equal(screen().get("a".repeat(32)), undefined);
  assertAgrees();
});

test("rows that went astray on the phone are mended without wiping", async () => {
  village.put("a".repeat(32), "child", { name: "甲" });
  village.put("b".repeat(32), "child", { name: "乙" });
  await sync();
  await store.write({
    puts: [{ bucket: "grid:01", row: ["a".repeat(32), "child", 1, { name: "错" }] }],
    deletes: [{ bucket: "grid:01", id: "b".repeat(32) }],
    device: {
      ...(store.memory?.device ?? DEVICE),
      buckets: {
        ...store.memory?.device.buckets,
        "grid:01": { cursor: 2, digest: "f".repeat(32) },
      },
    },
  });

  const finish = await sync();

  assert.equal(finish.kind === "done" && finish.receipt.agreed, true);
  assert.equal(screen().get("a".repeat(32))?.fields.name, "甲");
  assertAgrees();
});

test("after a fork the work is numbered anew and sent whole", async () => {
  await create(uuid7(), { name: "甲" });
  await sync();
  village.generation = 2;
  await create(uuid7(), { name: "乙" });

  await sync();

  assert.equal(store.memory?.counters.generation, 2);
  assert.deepEqual([...village.ops.keys()], ["d1/1/1", "d1/2/1"]);
  assert.deepEqual(store.unsent(), []);
  assertAgrees();
});

test("a restored server is read anew from its beginning", async () => {
  village.put("a".repeat(32), "child", { name: "甲" });
  await sync();
  village.records.clear();
  village.epoch = "e2";
  village.put("b".repeat(32), "child", { name: "乙" });

  await sync();

  assert.deepEqual([...(store.memory?.rows.get("grid:01")?.keys() ?? [])], ["b".repeat(32)]);
  assertAgrees();
});

test("a scope taken away takes its rows along", async () => {
  village.put("a".repeat(32), "child", { name: "甲" });
  await sync();
  village.buckets = ["village"];

  await sync();

  assert.equal(screen().of("child").length, 0);
});

test("a revoked phone hands over all its work before it is told to erase itself", async () => {
  village.wipe = true;
  for (let n = 0; n < 1100; n++) {
    store.memory?.ops.push({
      ...op([{ record: uuid7(), type: "visit", base: 0, set: { present: true }, prev: {} }]),
      seq: n + 1,
      generation: 1,
    });
  }
  await store.write({ counters: { next_seq: 1101 } });

  assert.deepEqual(await sync(), { kind: "wipe" });
  assert.equal(village.ops.size, 1100);
});

test("a new version of the forms is fetched once", async () => {
  await sync();
  assert.equal(store.memory?.programme?.version, "p1");
  village.programme = "p2";

  await sync();

  assert.equal(store.memory?.programme?.version, "p2");
});

test("an op that a request has carried cannot be undone, the latest one before that can", async () => {
  const first = await create(uuid7(), { name: "甲" });
  const second = await create(uuid7(), { name: "乙" });

  assert.equal(await store.undo(first), false);
  assert.equal(await store.undo(second), true);
  const third = await create(uuid7(), { name: "丙" });
  assert.equal(third.seq, 2);
  await sync();
  assert.equal(await store.undo(third), false);
  assert.equal(village.rows("grid:01").length, 2);
});
