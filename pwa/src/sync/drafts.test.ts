import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { type Flow, newPart } from "../forms/flow.ts";
import { namer } from "../model/pending.ts";
import { NoAnswer } from "./call.ts";
import { regain } from "./drafts.ts";
import { begin, create, DEVICE, store, sync, village } from "./fake-phone.ts";

const wire = {
  fetch: (...args: Parameters<typeof fetch>) => village.fetch(...args),
  language: () => "zh-CN",
};
const id = "a".repeat(32);
const part = newPart(id, "child", { name: "甲" });
const basis = { rev: 7, generation: 1, own: { name: { generation: 1, seq: 1, base: 3 } } };
const flow: Flow = {
  id: "f1",
  kind: "record",
  household: null,
  parts: [{ ...part, is_new: false, basis }],
  at: null,
  section: 0,
  trail: [],
  touched: true,
  from: "/today",
};
const draft = { id: "f1", kind: "record", title: "甲", at: 1, state: flow };

beforeEach(async () => {
  await begin();
  await sync();
  await store.update(() => ({ drafts: [draft] }));
  await store.erase();
  await store.create("246813", { ...DEVICE, device: "d2" }, 1);
  await sync();
});

test("a draft of before comes back once, and names no edit of another device as its own", async () => {
  village.drafts = [draft];
  await create(id, { name: "乙" });

  assert.equal(await regain(store, wire), 1);
  assert.equal(await regain(store, wire), 0);

  const back = store.memory?.drafts.get("f1")?.state as Flow;
  const own = back.parts[0]?.basis.own.name ?? assert.fail();
  assert.equal(own.base, 3);
  assert.equal(namer(store.memory?.ops ?? [], 1, 1)(own.generation ?? 1, own.seq), undefined);
  await store.reload();
  assert.equal(store.memory?.drafts.size, 1);
});

test("a draft comes back without the picture that went with the store, and with the one that was there", async () => {
  const [lost, known] = ["1", "2"].map((digit) => `${digit.repeat(64)}.jpg`);
  const was = { front: known ?? "" };
  const now = { front: known ?? "", back: lost ?? "", name: "甲" };
  village.drafts = [
    { ...draft, state: { ...flow, parts: [{ ...part, is_new: false, was, now }] } },
  ];

  await regain(store, wire);

  const back = store.memory?.drafts.get("f1")?.state as Flow;
  assert.deepEqual(back.parts[0]?.now, { front: known, back: "", name: "甲" });
});

test("what is another person's stays sealed", async () => {
  village.drafts = [null];

  assert.equal(await regain(store, wire), 0);

  assert.equal((await store.orphanDrafts()).length, 1);
});

test("another draft than the one asked for is not taken", async () => {
  village.drafts = [{ ...draft, id: "f2" }];

  assert.equal(await regain(store, wire), 0);

  assert.equal((await store.orphanDrafts()).length, 1);
});

test("no answer leaves the drafts in their boxes", async () => {
  const cut = { ...wire, fetch: () => Promise.reject(new TypeError("cut")) };

  await assert.rejects(regain(store, cut), NoAnswer);

  assert.equal((await store.orphanDrafts()).length, 1);
});
