import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { uuid7 } from "../model/clock.ts";
import { NoAnswer } from "./call.ts";
import {
  assertAgrees,
  begin,
  create,
  DEVICE,
  op,
  screen,
  store,
  sync,
  village,
} from "./fake-phone.ts";

beforeEach(begin);

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

test("rows that went astray on the phone are found and mended without wiping", async () => {
  for (let n = 0; n < 40; n++) village.put(uuid7(), "child", { name: `${n}` });
  await sync();
  const ids = village.rows("grid:01").map((row) => row[0]);
  const [altered = "", lost = ""] = ids;
  await store.write({
    puts: [
      { bucket: "grid:01", row: [altered, "child", 1, { name: "错" }] },
      { bucket: "grid:01", row: ["f".repeat(32), "child", 1, { name: "多" }] },
    ],
    deletes: [{ bucket: "grid:01", id: lost }],
  });
  await store.reload();
  village.requests.length = 0;

  const finish = await sync();

  assert.equal(finish.kind === "done" && finish.receipt.agreed, true);
  assert.equal(screen().get(altered)?.fields.name, "0");
  assert.equal(screen().get("f".repeat(32)), undefined);
  assert.deepEqual([store.memory?.device.mismatches, store.memory?.device.mismatch_at], [1, 5000]);
  assert.deepEqual(
    village.requests.map((request) => [!!request.compare, request.fetch?.["grid:01"]?.sort()]),
    [
      [false, undefined],
      [true, undefined],
      [false, [altered, lost].sort()],
      [false, undefined],
    ],
  );
  for (const request of village.requests) assert.ok((request.pull["grid:01"]?.[0] ?? 0) >= 40);
  assertAgrees();
});

test("a wrong sum over right rows is set right by comparing alone", async () => {
  village.put("a".repeat(32), "child", { name: "甲" });
  await sync();
  const device = store.memory?.device ?? DEVICE;
  const wrong = { cursor: 1, digest: "f".repeat(32) };
  await store.write({ device: { ...device, buckets: { ...device.buckets, "grid:01": wrong } } });
  await store.reload();
  village.requests.length = 0;

  await sync();

  assert.equal(village.requests.length, 1);
  assertAgrees();
});

test("a server whose digest is never right is asked a few times, then left for another day", async () => {
  village.put("a".repeat(32), "child", { name: "甲" });
  village.onAnswer = (answer) => {
    for (const page of Object.values(answer.pages)) page.digest = "f".repeat(32);
    return answer;
  };

  const finish = await sync();

  assert.equal(finish.kind === "done" && finish.receipt.agreed, false);
  assert.equal(village.requests.length < 12, true);
  assert.equal(screen().get("a".repeat(32))?.fields.name, "甲");
});

test("work saved while rows are repaired is sent, and its overlay stays", async () => {
  village.put("a".repeat(32), "child", { name: "甲" });
  await sync();
  await store.write({
    puts: [{ bucket: "grid:01", row: ["a".repeat(32), "child", 1, { name: "错" }] }],
  });
  await store.reload();
  const id = uuid7();
  let once = true;
  village.onAnswer = async (answer) => {
    if (once) await create(id, { name: "乙" });
    once = false;
    return answer;
  };

  await sync();

  assert.equal(screen().get(id)?.fields.name, "乙");
  assert.equal(screen().get("a".repeat(32))?.fields.name, "甲");
  assert.deepEqual(store.unsent(), []);
  assertAgrees();
});

test("a scope taken away takes its rows along", async () => {
  village.put("a".repeat(32), "child", { name: "甲" });
  await sync();
  village.buckets = ["village"];

  await sync();

  assert.equal(screen().of("child").length, 0);
  assert.equal(store.memory?.rows.get("grid:01")?.size ?? 0, 0);
});

test("a scope taken away leaves the records one still has work on, until that is handed over", async () => {
  const [worked, other] = ["a".repeat(32), "b".repeat(32)];
  village.put(worked, "child", { name: "甲" });
  village.put(other, "child", { name: "乙" });
  await sync();
  village.buckets = ["village"];
  const answers: (string | undefined)[][] = [];
  const set = { wish: "书" };
  village.onAnswer = async (answer) => {
    // Saved while the answer is on its way: it waits for the next request.
    if (answers.length === 0) {
      await store.save(() => op([{ record: worked, type: "child", base: 1, set, prev: {} }]));
    } else {
      const row = screen().get(worked);
      answers.push([String(row?.fields.name), String(row?.fields.wish)]);
    }
    if (answers.length === 0) answers.push([]);
    return answer;
  };

  await sync();

  assert.deepEqual(answers[1], ["甲", "书"]);
  assert.deepEqual([screen().get(worked), screen().get(other)], [undefined, undefined]);
  assert.deepEqual(store.memory?.device.limbo, {});
  assert.equal(
    [...(store.memory?.rows.values() ?? [])].every((rows) => rows.size === 0),
    true,
  );
});

test("a scope given back is fetched whole, though its rows were here before", async () => {
  village.put("a".repeat(32), "child", { name: "甲" });
  await sync();
  village.buckets = ["village"];
  await sync();
  village.buckets = ["village", "grid:01"];

  await sync();

  assert.equal(screen().get("a".repeat(32))?.fields.name, "甲");
  assertAgrees();
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

test("a revoked phone whose work nobody takes keeps it", async () => {
  village.wipe = true;
  await create(uuid7(), { name: "甲" });
  village.onAnswer = (answer) => ({ ...answer, acked: 0, revs: [] });

  await assert.rejects(sync(), NoAnswer);
  assert.equal(store.unsent().length, 1);
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
