import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { uuid7 } from "../model/clock.ts";
import { NoAnswer } from "./call.ts";
import { assertAgrees, begin, create, op, screen, store, sync, village } from "./fake-phone.ts";

beforeEach(begin);

test("after a fork the work is numbered anew and sent whole", async () => {
  await create(uuid7(), { name: "甲" });
  await sync();
  village.ops.set("d1/1/2", "9|of a clone");
  await create(uuid7(), { name: "乙" });

  await sync();

  assert.equal(store.memory?.counters.generation, 2);
  assert.deepEqual([...village.ops.keys()], ["d1/1/1", "d1/1/2", "d1/2/1"]);
  assert.deepEqual(store.unsent(), []);
  assertAgrees();
});

test("what a fork's branches share is sent once, and the rest names it by its old number", async () => {
  const id = uuid7();
  await create(id, { name: "甲" });
  village.onAnswer = () => {
    throw new TypeError("connection reset");
  };
  await assert.rejects(sync(), NoAnswer);
  village.onAnswer = (answer) => answer;
  village.ops.set("d1/1/2", "9|of a clone");
  const change = { record: id, type: "child", base: 0, set: { name: "乙" }, prev: { name: 1 } };
  await store.save(() => op([change]));

  const finish = await sync();

  assert.deepEqual([...village.ops.keys()], ["d1/1/1", "d1/1/2", "d1/2/1"]);
  const moved = village.requests.find((request) => request.generation === 2);
  assert.deepEqual(moved?.ops[0]?.changes[0]?.prev, { name: [1, 1] });
  assert.deepEqual(
    store.memory?.ops.map((each) => [each.generation, each.seq, each.landed]),
    [
      [1, 1, true],
      [2, 1, true],
    ],
  );
  assert.deepEqual(
    [store.memory?.counters.next_seq, finish.kind === "done" && finish.receipt.sent],
    [2, 2],
  );
  assertAgrees();
});

test("what a restored server lost is offered again with its rev; rows are repaired, not fetched anew", async () => {
  village.put("a".repeat(32), "child", { name: "甲" });
  const first = uuid7();
  await create(first, { name: "先" });
  await sync();
  const backup = village.backup();
  const second = uuid7();
  await create(second, { name: "后" });
  village.put("b".repeat(32), "child", { name: "没了" });
  await sync();
  const revs = store.memory?.ops.map((each) => each.rev) ?? [];
  village.restore(backup);
  village.requests.length = 0;

  const finish = await sync();

  assert.equal(finish.kind === "done" && finish.receipt.agreed, true);
  assert.deepEqual(
    village.requests.flatMap((request) =>
      request.ops.map((each, at) => [request.first + at, each.was]),
    ),
    [
      [1, [revs[0]]],
      [2, [revs[1]]],
    ],
  );
  assert.equal(screen().get(first)?.fields.name, "先");
  assert.equal(screen().get(second)?.fields.name, "后");
  assert.equal(screen().get("b".repeat(32)), undefined);
  for (const request of village.requests) assert.ok((request.pull["grid:01"]?.[0] ?? 0) > 0);
  assertAgrees();
});

test("what waits and what was lost arrive together after a restore", async () => {
  const backup = village.backup();
  const lost = uuid7();
  await create(lost, { name: "先" });
  await sync();
  village.restore(backup);
  const fresh = uuid7();
  await create(fresh, { name: "后" });

  await sync();

  assert.deepEqual(store.unsent(), []);
  assert.equal(village.rows("grid:01").length, 2);
  assertAgrees();
});

test("ops of an older generation that a restored server lost go first, under their own numbers", async () => {
  const backup = village.backup();
  const [first, second, third] = [uuid7(), uuid7(), uuid7()];
  await create(first, { name: "一" });
  await sync();
  village.ops.set("d1/1/2", "9|of a clone");
  await create(second, { name: "二" });
  await sync();
  village.restore(backup);
  await create(third, { name: "三" });

  await sync();

  assert.deepEqual([...village.ops.keys()], ["d1/1/1", "d1/2/1", "d1/2/2"]);
  assert.deepEqual(
    [first, second, third].map((id) => screen().get(id)?.fields.name),
    ["一", "二", "三"],
  );
  assert.deepEqual(store.unsent(), []);
  assertAgrees();
});

test("an op offered again keeps its old rev in mind and does not come back on the screen", async () => {
  const id = uuid7();
  village.put("a".repeat(32), "child", { name: "甲" });
  await sync();
  const backup = village.backup();
  await create(id, { name: "先" });
  await sync();
  village.restore(backup);

  await sync();

  const [again] = store.memory?.ops ?? [];
  assert.deepEqual([again?.landed, again?.was, (again?.rev ?? 0) > 1_000_000], [true, [2], true]);
  assert.equal(screen().get(id)?.pending, undefined);
});

test("a phone whose older ops are forgotten goes on with a server that lost them", async () => {
  const backup = village.backup();
  await create(uuid7(), { name: "早" });
  await sync();
  await store.write({ dropOps: store.memory?.ops ?? [] });
  village.restore(backup);
  const id = uuid7();
  await create(id, { name: "新" });

  await sync();

  assert.deepEqual([...village.ops.keys()], ["d1/2/1"]);
  assert.equal(screen().get(id)?.fields.name, "新");
  assertAgrees();
});

test("a revoked phone that is told of a fork hands its work over before it is erased", async () => {
  await create(uuid7(), { name: "甲" });
  village.ops.set("d1/1/1", "9|of a clone");
  village.wipe = true;

  assert.deepEqual(await sync(), { kind: "wipe" });
  assert.deepEqual([...village.ops.keys()], ["d1/1/1", "d1/2/1"]);
});
