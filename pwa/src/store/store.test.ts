import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import type { WireRow } from "../model/wire.ts";
import { BLOCK_ROWS, FEW, MANY } from "./blocks.ts";
import { base64Of } from "./box.ts";
import { DATABASE, openDatabase } from "./database.ts";
import first from "./fixtures/version-1.json" with { type: "json" };
import second from "./fixtures/version-2.json" with { type: "json" };
import third from "./fixtures/version-3.json" with { type: "json" };
import fourth from "./fixtures/version-4.json" with { type: "json" };
import { type KdfParams, stretch } from "./kdf.ts";
import type { Device } from "./memory.ts";
import { Erased, MOST_WRONG, Stale, Store, TooSoon } from "./store.ts";
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

const idOf = (n: number) => n.toString(16).padStart(32, "0");

/** Rows as a page brings them, numbered from `from`. */
function children(count: number, from = 1, rev = 1): { bucket: string; row: WireRow }[] {
  return Array.from({ length: count }, (_, n) => ({
    bucket: "grid:01",
    row: [idOf(from + n), "child", rev, { name: `顾小满${from + n}` }],
  }));
}

/** How many values the database holds in a drawer. */
async function countOf(drawer: "rows" | "blocks"): Promise<number> {
  const db = await openDatabase(() => undefined);
  const count = await db.count(drawer);
  db.close();
  return count;
}

async function rowsAfterKill(): Promise<Map<string, WireRow> | undefined> {
  const again = new Store(quick);
  await again.unlock("246813", 0);
  await again.close();
  return again.memory?.rows.get("grid:01");
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

test("whoever looks at the rows sees by their map whether one of them is another", async () => {
  await store.write({ puts: [{ bucket: "grid:01", row: [ID, "child", 3, { name: "顾小满" }] }] });
  const { rows, ops } = store.memory ?? {};

  await store.write({ drafts: [{ id: "x", kind: "visit", title: "走访", at: 1, state: {} }] });
  assert.equal(store.memory?.rows, rows);
  assert.equal(store.memory?.ops, ops);

  await store.save(op);
  assert.equal(store.memory?.rows, rows);
  assert.notEqual(store.memory?.ops, ops);

  await store.write({ deletes: [{ bucket: "grid:01", id: ID }] });
  assert.notEqual(store.memory?.rows, rows);
});

test("two saves at once in one window get a number each, and both are kept", async () => {
  const [one, other] = await Promise.all([store.save(op), store.save(op)]);

  assert.deepEqual([one.seq, other.seq], [1, 2]);
  const again = new Store(quick);
  await again.unlock("246813", 0);
  assert.deepEqual(
    again.unsent().map(({ seq }) => seq),
    [1, 2],
  );
});

test("nothing readable lies in the database", async () => {
  await store.save(op);
  await store.write({ puts: [{ bucket: "grid:01", row: [ID, "child", 3, { name: "顾小满" }] }] });
  await store.write({ puts: children(FEW) });

  const db = await openDatabase(() => undefined);
  const bytes: string[] = [];
  for (const name of ["meta", "rows", "blocks", "ops", "drafts"] as const) {
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

test("wiping leaves nothing behind, not even the marker", async () => {
  const kept = new Map<string, string>();
  Object.assign(globalThis, {
    localStorage: {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => kept.set(name, value),
      removeItem: (name: string) => kept.delete(name),
    },
  });
  try {
    await store.save(op);
    await store.write({ puts: children(FEW) });
    assert.equal(kept.size, 1);

    await store.wipe();
  } finally {
    Reflect.deleteProperty(globalThis, "localStorage");
  }

  assert.equal(kept.size, 0);
  assert.equal(await new Store(quick).isEnrolled(), false);
  assert.deepEqual([await countOf("rows"), await countOf("blocks")], [0, 0]);
});

test("rows of one page lie together, a few lie by themselves, and later copies count", async () => {
  await store.write({ puts: children(300) });
  await store.write({ puts: children(3, 1, 2) });
  await store.write({ puts: children(FEW, 2, 3) });

  const held = await rowsAfterKill();

  assert.deepEqual([await countOf("blocks"), await countOf("rows")], [3, 1]);
  assert.deepEqual(
    [1, 2, 3, 3 + FEW].map((n) => held?.get(idOf(n))?.[2]),
    [2, 3, 3, 1],
  );
  assert.deepEqual(held, store.memory?.rows.get("grid:01"));
});

test("a row that goes leaves no sealed copy anywhere", async () => {
  await store.write({ puts: children(FEW) });
  await store.write({ puts: children(FEW, 1, 2) });
  await store.write({ puts: children(1, 5, 3) });

  await store.write({ deletes: [{ bucket: "grid:01", id: idOf(5) }] });
  const one = await rowsAfterKill();
  await store.write({
    deletes: [...(one?.keys() ?? [])].map((id) => ({ bucket: "grid:01", id })),
  });

  assert.equal(one?.has(idOf(5)), false);
  assert.equal(one?.size, FEW - 1);
  assert.deepEqual([await countOf("rows"), await countOf("blocks")], [0, 0]);
});

test("many loose rows are packed", async () => {
  for (let at = 0; at <= MANY; at += FEW - 1)
    await store.write({ puts: children(FEW - 1, at + 1) });
  const count = store.memory?.rows.get("grid:01")?.size ?? 0;

  assert.ok(count > MANY);
  assert.equal(await countOf("rows"), 0);
  assert.equal(await countOf("blocks"), Math.ceil(count / BLOCK_ROWS));
  assert.deepEqual(await rowsAfterKill(), store.memory?.rows.get("grid:01"));
});

test("blocks that are mostly stale are packed", async () => {
  for (let rev = 1; rev < 20; rev++) await store.write({ puts: children(100, 1, rev) });

  assert.ok((await countOf("blocks")) < 8);
  assert.equal((await rowsAfterKill())?.get(idOf(7))?.[2], 19);
});

test("whatever comes and goes, the database holds what memory holds", async () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let round = 1; round <= 60; round++) {
    const count = random(3) === 0 ? random(120) : random(8);
    const held = [...(store.memory?.rows.get("grid:01")?.keys() ?? [])];
    await store.write({
      puts: children(count, random(700), round),
      deletes: held.filter(() => random(25) === 0).map((id) => ({ bucket: "grid:01", id })),
    });
    if (round % 10 === 0) {
      assert.deepEqual(await rowsAfterKill(), store.memory?.rows.get("grid:01"));
    }
  }
});

test("a block moved to another place does not open", async () => {
  await store.write({ puts: children(FEW) });
  await store.write({ puts: children(FEW, 1000) });
  const db = await openDatabase(() => undefined);
  const [one, two] = await db.getAll("blocks");
  assert.ok(one && two);
  await db.put("blocks", { ...one, n: two.n });
  db.close();

  await assert.rejects(new Store(quick).unlock("246813", 0));
});

test("a store of the first version opens with all it held, and is packed by itself", async () => {
  await store.close();
  globalThis.indexedDB = new IDBFactory();
  await restore(first, 1);
  const old = new Store(quick);

  await old.unlock("246813", 0);

  const memory = old.memory;
  assert.deepEqual([...(memory?.rows.get("grid:01")?.keys() ?? [])], [1, 2, 3].map(idOf));
  assert.deepEqual(Object.keys(memory?.device.buckets ?? {}), ["village", "grid:01"]);
  assert.deepEqual([memory?.device.mismatches, memory?.device.limbo], [0, {}]);
  assert.deepEqual(
    memory?.ops.map((each) => [each.seq, each.rev]),
    [
      [1, 7],
      [2, undefined],
    ],
  );
  assert.deepEqual(old.overlay().length, 1);
  assert.equal(memory?.drafts.get("x")?.title, "走访");
  assert.equal(memory?.programme?.version, "p1");
  await old.write({ puts: children(MANY, 10) });
  await old.write({ puts: children(FEW - 1, 10, 2) });
  assert.equal((await rowsAfterKill())?.size, MANY + 3);
});

test("a store of the second version opens with all it held, and gets boxes with the village's key", async () => {
  await store.close();
  globalThis.indexedDB = new IDBFactory();
  await restore(second, 2);
  const old = new Store(quick);

  await old.unlock("246813", 0);

  assert.equal(old.memory?.rows.get("grid:01")?.size, 41);
  assert.deepEqual(
    old.unsent().map((each) => each.seq),
    [1],
  );
  assert.equal(old.memory?.drafts.get("x")?.title, "走访");
  assert.equal(await old.erase(), false);
  await old.unlock("246813", 0);
  await old.takeCarryKey((await keyPair()).key);
  assert.equal(await old.erase(), true);
  assert.equal((await old.orphans()).length, 1);
});

for (const [words, kept, version] of [
  ["third", third, 3],
  ["fourth", fourth, 4],
] as const)
  test(`a store of the ${words} version opens with all it held, and takes pictures`, async () => {
    await store.close();
    globalThis.indexedDB = new IDBFactory();
    await restore(kept, version);
    const old = new Store(quick);

    await old.unlock("246813", 0);

    assert.equal(old.memory?.rows.get("grid:01")?.size, 41);
    assert.deepEqual(
      old.memory?.ops.map((each) => [each.seq, each.rev]),
      [
        [1, 7],
        [2, undefined],
      ],
    );
    assert.deepEqual(old.waitingFiles(), []);
    const picture = { name: `${"1".repeat(64)}.jpg`, bytes: new Uint8Array([1, 2, 3]) };
    const state = { photo: picture.name };
    await old.write({
      drafts: [{ id: "x", kind: "visit", title: "走访", at: 1, state }],
      files: [picture],
    });
    await old.close();
    const again = new Store(quick);
    await again.unlock("246813", 0);
    assert.deepEqual(await again.fileBytes(picture.name), picture.bytes);
    assert.equal(await again.erase(), true);
    assert.equal((await again.orphans()).length > 0, true);
  });

interface Kept {
  key?: string;
  buffer?: string;
  bytes?: string;
}

/** Puts one of the fixtures into a database as that version made it. */
async function restore(stored: { stores: unknown }, version: number): Promise<void> {
  const stores = stored.stores as unknown as Record<string, Record<string, Kept>[]>;
  const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, "base64"));
  const revive = async (value: Kept): Promise<unknown> => {
    if (value?.key) {
      const raw = bytesOf(value.key);
      return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
    }
    if (value?.buffer) return bytesOf(value.buffer).buffer;
    return value?.bytes ? bytesOf(value.bytes) : value;
  };
  const items: [string, Record<string, unknown>][] = [];
  for (const [drawer, list] of Object.entries(stores)) {
    for (const item of list) {
      const revived: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(item)) revived[name] = await revive(value);
      items.push([drawer, revived]);
    }
  }
  const paths: Record<string, string | string[]> = {
    rows: ["bucket", "id"],
    blocks: ["bucket", "n"],
    ops: ["generation", "seq"],
    boxes: ["device", "generation", "seq"],
    draft_boxes: ["device", "id"],
  };
  await new Promise<void>((resolve, reject) => {
    const opening = indexedDB.open("zoufang", version);
    opening.onerror = () => reject(opening.error);
    opening.onupgradeneeded = () => {
      for (const drawer of Object.keys(stores)) {
        opening.result.createObjectStore(drawer, { keyPath: paths[drawer] ?? "id" });
      }
    };
    opening.onsuccess = () => {
      const tx = opening.result.transaction(Object.keys(stores), "readwrite");
      for (const [drawer, item] of items) tx.objectStore(drawer).put(item);
      tx.oncomplete = () => {
        opening.result.close();
        resolve();
      };
    };
  });
}

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

async function keyPair(): Promise<{ key: string; open: (box: Uint8Array) => Promise<unknown> }> {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const pair = await crypto.subtle.generateKey(curve, true, ["deriveBits"]);
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const open = async (box: Uint8Array): Promise<unknown> => {
    const point = new Uint8Array(box.slice(0, 65));
    const sender = await crypto.subtle.importKey("raw", point, curve, false, []);
    const secret = await crypto.subtle.deriveBits(
      { name: "ECDH", public: sender },
      pair.privateKey,
      256,
    );
    const material = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
    const salt = new Uint8Array([...point, ...raw]);
    const info = new TextEncoder().encode("zoufang-carry 1");
    const key = await crypto.subtle.deriveKey(
      { name: "HKDF", hash: "SHA-256", salt, info },
      material,
      { name: "AES-GCM", length: 256 },
      false,
      ["decrypt"],
    );
    const iv = new Uint8Array(box.slice(65, 77));
    const text = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv },
      key,
      new Uint8Array(box.slice(77)),
    );
    return JSON.parse(new TextDecoder().decode(text));
  };
  return { key: base64Of(raw), open };
}

async function tenWrong(now = 0): Promise<unknown> {
  const thief = new Store(quick);
  let last: unknown;
  for (let n = 0; n < MOST_WRONG; n++) {
    now += 400_000;
    last = await thief.unlock("000000", now).catch((error: unknown) => error);
  }
  await thief.close();
  return last;
}

test("ten wrong PINs erase the phone, and what was saved lies in boxes the village can open", async () => {
  const { key, open } = await keyPair();
  await store.save(op);
  await store.takeCarryKey(key);
  await store.save(op);

  assert.ok((await tenWrong()) instanceof Erased);

  const after = new Store(quick);
  assert.equal(await after.isEnrolled(), false);
  assert.equal(await countOf("rows"), 0);
  const boxes = await after.orphans();
  assert.deepEqual(
    boxes.map((box) => [box.device, box.seq]),
    [
      ["d1", 1],
      ["d1", 2],
    ],
  );
  const inside = (await open(boxes[1]?.box ?? new Uint8Array())) as Record<string, unknown>;
  assert.deepEqual(
    [inside.magic, inside.token, inside.first, inside.ids],
    ["zoufang-sync", "secret-token", 2, [ID]],
  );
});

test("boxes outlive a new enrolment and go when the village has them", async () => {
  await store.takeCarryKey((await keyPair()).key);
  await store.save(op);
  await store.erase();

  await store.create("975310", { ...DEVICE, device: "d2" }, 1);
  await store.takeCarryKey((await keyPair()).key);
  await store.save(op);

  const foreign = await store.orphans();
  assert.deepEqual(
    foreign.map((box) => box.device),
    ["d1"],
  );
  await store.dropBoxes(foreign);
  assert.deepEqual(await store.orphans(), []);
  assert.equal(await store.erase(), true);
});

test("a phone that never heard the village's key is not erased by wrong PINs", async () => {
  await store.save(op);

  assert.ok((await tenWrong()) instanceof WrongPin);

  const owner = new Store(quick);
  await owner.unlock("246813", 9e12);
  assert.equal(owner.unsent().length, 1);
});

test("a box opened ahead of need is closed over one save alone", async () => {
  const { key, open } = await keyPair();
  await store.takeCarryKey(key);
  await store.update(() => ({
    drafts: [{ id: "f1", kind: "visit", title: "", at: 1, state: {} }],
  }));

  await store.save(op, { dropDrafts: ["f1"] });
  await store.save(op);

  const boxes = await store.ownBoxes(() => true);
  const points = boxes.map(({ box }) => box.slice(0, 65).join());
  const inside = await Promise.all(boxes.map(({ box }) => open(box)));
  assert.equal(new Set(points).size, 2);
  assert.deepEqual(
    inside.map((request) => (request as { first: number }).first),
    [1, 2],
  );
});

test("an op taken back leaves no box", async () => {
  await store.takeCarryKey((await keyPair()).key);
  await store.undo(await store.save(op));

  await store.erase();

  assert.deepEqual(await store.orphans(), []);
});

const draft = { id: "f1", kind: "visit", title: "走访", at: 1, state: { parts: [] } };

test("a draft lies in a box too, as it was kept last, until it is dropped", async () => {
  const { key, open } = await keyPair();
  await store.update(() => ({ drafts: [draft] }));
  await store.takeCarryKey(key);
  await store.update(() => ({ drafts: [{ ...draft, title: "走访 · 甲" }] }));
  await store.erase();
  await store.create("975310", { ...DEVICE, device: "d2" }, 1);

  const [box, ...more] = await store.orphanDrafts();

  const inside = (await open(box?.box ?? new Uint8Array())) as Record<string, unknown>;
  assert.deepEqual([box?.id, more], ["f1", []]);
  assert.deepEqual(
    [inside.device, inside.token, inside.draft],
    ["d1", "secret-token", { ...draft, title: "走访 · 甲" }],
  );
});

test("a draft that was saved or discarded leaves no box", async () => {
  await store.takeCarryKey((await keyPair()).key);
  await store.update(() => ({ drafts: [draft, { ...draft, id: "f2" }] }));
  await store.save(op, { dropDrafts: ["f1"] });
  await store.update(() => ({ dropDrafts: ["f2"] }));
  await store.erase();
  await store.create("975310", { ...DEVICE, device: "d2" }, 1);

  assert.deepEqual(await store.orphanDrafts(), []);
});

test("a phone that is wiped keeps no box of its own drafts", async () => {
  await store.takeCarryKey((await keyPair()).key);
  await store.update(() => ({ drafts: [draft] }));
  await store.wipe();

  const after = new Store(quick);
  await after.create("975310", { ...DEVICE, device: "d2" }, 1);
  assert.deepEqual(await after.orphanDrafts(), []);
});

test("a newer version in another window gets the store at once, and this one saves nothing it would spoil", async () => {
  await store.save(op);

  const newer = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 99);
    opening.onblocked = () => reject(new Error("The old window holds on to the store"));
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });

  await assert.rejects(store.save(op), { name: "VersionError" });
  assert.equal(store.unsent().length, 1);
  const held = await new Promise<number>((resolve) => {
    const counting = newer.transaction("ops").objectStore("ops").count();
    counting.onsuccess = () => resolve(counting.result);
  });
  assert.equal(held, 1);
  newer.close();
});
