import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { openDatabase } from "./database.ts";
import { type KdfParams, stretch } from "./kdf.ts";
import { type Device, Stale, Store, TooSoon } from "./store.ts";
import { createLock, openLock, sealWith, WrongPin } from "./vault.ts";

/** Stands for the slow derivation; the PIN decides the key as it does there. */
const quick = async (pin: string, salt: Uint8Array): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(
    await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${pin}|${salt.join()}`)),
  );

const DEVICE: Device = {
  device: "d1",
  token: "secret-token",
  village: { code: "990000101201", name: "青禾村" },
  account: { id: "a", name: "甲", role: "surveyor" },
  epoch: "e1",
  buckets: {},
  limbo: {},
  mismatches: 0,
  mismatch_at: 0,
  contact: 0,
  clock: 1,
  first_done: false,
  last_sync_at: 0,
  agreed_at: 0,
  receipt: null,
};
const ID = "a".repeat(32);

function op() {
  const change = { record: ID, type: "child", base: 0, set: { name: "顾小满" }, prev: {} };
  return { at: 1, clock: 1, contact: 0, schema: "", changes: [change] };
}

let store: Store;

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory();
  store = new Store(quick);
  await store.create("246813", DEVICE, 1);
});

test("what was saved is there after the browser was killed, with its number", async () => {
  await store.save(op);
  await store.write({ puts: [{ bucket: "grid:01", row: [ID, "child", 3, { name: "顾小满" }] }] });
  await store.write({
    drafts: [{ id: "x", kind: "visit", title: "走访", at: 1, state: { n: 1 } }],
  });

  const again = new Store(quick);
  await again.unlock("246813", 0);

  assert.equal(again.unsent()[0]?.seq, 1);
  assert.equal(again.memory?.rows.get("grid:01")?.get(ID)?.[2], 3);
  assert.deepEqual(again.memory?.drafts.get("x")?.state, { n: 1 });
  assert.equal(again.memory?.device.token, "secret-token");
});

test("nothing readable lies in the database", async () => {
  await store.save(op);
  await store.write({ puts: [{ bucket: "grid:01", row: [ID, "child", 3, { name: "顾小满" }] }] });

  const db = await openDatabase(() => undefined);
  const bytes: string[] = [];
  for (const name of ["meta", "rows", "ops", "drafts"] as const) {
    for (const item of await db.getAll(name)) {
      bytes.push(new TextDecoder().decode(item.ct), JSON.stringify({ ...item, ct: 0, iv: 0 }));
    }
  }
  db.close();

  assert.equal(bytes.length > 0, true);
  for (const word of ["顾小满", "secret-token", "child"]) {
    assert.equal(bytes.join().includes(word), false, word);
  }
});

test("a wrong PIN opens nothing, and after three the next try has to wait", async () => {
  const other = new Store(quick);

  for (let n = 0; n < 3; n++) await assert.rejects(other.unlock("000000", 1000), WrongPin);
  await assert.rejects(other.unlock("246813", 1500), TooSoon);
  await other.unlock("246813", 2001);

  assert.equal(other.memory?.device.device, "d1");
});

test("a clock set back does not lengthen the wait", async () => {
  const other = new Store(quick);
  for (let n = 0; n < 3; n++) await assert.rejects(other.unlock("000000", 9e12), WrongPin);

  await assert.rejects(
    other.unlock("246813", 0),
    (error) => error instanceof TooSoon && error.waitMs <= 1000,
  );
});

test("a changed PIN opens the same store, the old one no more", async () => {
  await store.save(op);
  await store.changePin("246813", "975310");

  const again = new Store(quick);
  await assert.rejects(again.unlock("246813", 0), WrongPin);
  await again.unlock("975310", 0);

  assert.equal(again.unsent().length, 1);
});

test("two windows never give one number twice", async () => {
  const other = new Store(quick);
  await other.unlock("246813", 0);

  const [one, two] = await Promise.all([store.save(op), other.save(op)]);

  assert.deepEqual([one.seq, two.seq].sort(), [1, 2]);
});

test("a window whose memory is old is told so before it overwrites anything", async () => {
  const other = new Store(quick);
  await other.unlock("246813", 0);
  await store.save(op);

  await assert.rejects(other.write({ device: { ...DEVICE, token: "older" } }), Stale);

  await store.reload();
  assert.equal(store.memory?.device.token, "secret-token");
});

test("wiping leaves nothing behind", async () => {
  await store.save(op);
  await store.wipe();

  assert.equal(await new Store(quick).isEnrolled(), false);
});

test("a sealed value moved to another place does not open", async () => {
  const { lock, key } = await createLock("246813", quick);
  const seal = sealWith(key, lock.key_id);
  const sealed = await seal.seal("rows|grid:01|a", { name: "甲" });

  await assert.rejects(seal.open("rows|grid:01|b", sealed));
  assert.deepEqual(await seal.open("rows|grid:01|a", sealed), { name: "甲" });
});

test("a phone that cannot spare the memory falls back to PBKDF2", async () => {
  const poor = async (pin: string, salt: Uint8Array<ArrayBuffer>, params: KdfParams) => {
    if (params.kind === "argon2id") throw new RangeError("out of memory");
    return quick(pin, salt);
  };

  const { lock } = await createLock("246813", poor);

  assert.equal(lock.kdf.kind, "pbkdf2");
  await openLock("246813", lock, poor);
});

test("Argon2id and PBKDF2 each give their 32 bytes, the same each time", async () => {
  const salt = new Uint8Array(16).fill(7);
  for (const params of [
    { kind: "argon2id", memory_kib: 64, passes: 1 },
    { kind: "pbkdf2", rounds: 1000 },
  ] as KdfParams[]) {
    const one = await stretch("246813", salt, params);
    assert.equal(one.length, 32);
    assert.deepEqual(await stretch("２４６８１３", salt, params), one);
  }
});
