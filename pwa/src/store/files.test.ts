import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { named } from "../files.ts";
import { uuid7 } from "../model/clock.ts";
import { begin, op, store } from "../sync/fake-phone.ts";
import { openDatabase } from "./database.ts";
import { filesAfter, type NewFile } from "./files.ts";
import type { Draft } from "./memory.ts";
import { MOST_WRONG, Stale, Store } from "./store.ts";
import { WrongPin } from "./vault.ts";

const quick = async (pin: string) => new Uint8Array(32).fill(pin.length) as Uint8Array<ArrayBuffer>;
const WORDS = "no picture holds these words";
let picture: NewFile;

beforeEach(async () => {
  await begin();
  picture = await named(new TextEncoder().encode(WORDS.repeat(50)), "jpg");
});

const draft = (name: string): Draft => ({
  id: "x",
  kind: "record",
  title: "屋顶",
  at: 1,
  state: { parts: [{ now: { photo: name } }] },
});
const naming = () =>
  op([{ record: uuid7(), type: "own_roof", base: 0, set: { photo: picture.name }, prev: {} }]);
const save = () => store.save(naming, { dropDrafts: ["x"], files: [picture] });

async function afterKill(): Promise<Store> {
  const again = new Store(quick);
  await again.unlock("246813", 9e12);
  return again;
}

/** Names in the drawer itself. */
async function onDisk(): Promise<string[]> {
  const db = await openDatabase(() => undefined);
  const names = await db.getAllKeys("files");
  db.close();
  return names;
}

test("a draft is resumed with its picture after the browser was killed", async () => {
  await store.write({ drafts: [draft(picture.name)], files: [picture] });

  const again = await afterKill();

  assert.deepEqual(await again.fileBytes(picture.name), picture.bytes);
  assert.deepEqual(again.waitingFiles(), []);
});

test("a picture lies sealed, and opens under no other name", async () => {
  await store.write({ drafts: [draft(picture.name)], files: [picture] });
  const db = await openDatabase(() => undefined);
  const held = await db.get("files", picture.name);
  assert.ok(held);
  assert.equal(new TextDecoder().decode(held.ct).includes(WORDS), false);
  const other = `${"0".repeat(64)}.jpg`;
  await db.put("files", { ...held, id: other });
  db.close();

  await assert.rejects(store.fileBytes(other));
});

test("a picture taken again or given up leaves nothing on the disk", async () => {
  await store.write({ drafts: [draft(picture.name)], files: [picture] });
  const second = await named(new Uint8Array([1, 2, 3]), "jpg");

  await store.write({ drafts: [draft(second.name)], files: [second] });
  assert.deepEqual(await onDisk(), [second.name]);
  await store.write({ dropDrafts: ["x"] });

  assert.deepEqual(await onDisk(), []);
  assert.equal(store.memory?.files.size, 0);
});

test("a saved picture waits, and an undone record gives it back to the draft", async () => {
  await store.write({ drafts: [draft(picture.name)], files: [picture] });
  const saved = await save();
  assert.deepEqual(
    (await afterKill()).waitingFiles().map((file) => [file.name, file.size]),
    [[picture.name, picture.bytes.length]],
  );

  assert.equal(await store.undo(saved, [draft(picture.name)]), true);

  assert.deepEqual(store.waitingFiles(), []);
  assert.deepEqual(await (await afterKill()).fileBytes(picture.name), picture.bytes);
  await store.write({ dropDrafts: ["x"] });
  assert.deepEqual(await onDisk(), []);
});

test("giving up a later draft of the record leaves its unsent picture alone", async () => {
  await save();

  await store.write({ drafts: [draft(picture.name)] });
  await store.write({ dropDrafts: ["x"] });

  assert.equal(store.waitingFiles().length, 1);
  assert.deepEqual(await onDisk(), [picture.name]);
});

test("a picture handed over stays as long as its op may be asked for again, and goes with it", async () => {
  const saved = await save();
  await store.write({ handedOver: { names: [picture.name], at: 5 } });
  assert.deepEqual(store.waitingFiles(), []);
  assert.deepEqual(await onDisk(), [picture.name]);

  await store.write({ dropOps: [{ ...saved, rev: 3 }] });

  assert.deepEqual(await onDisk(), []);
  assert.equal(store.memory?.files.get(picture.name)?.done, 5);
});

test("a picture that another op names too stays until that one goes", async () => {
  const saved = await save();
  const again = await store.save(naming);
  await store.write({ handedOver: { names: [picture.name], at: 5 } });

  await store.write({ dropOps: [saved] });
  assert.deepEqual(await onDisk(), [picture.name]);
  await store.write({ dropOps: [again] });

  assert.deepEqual(await onDisk(), []);
});

test("what a restored server has lost is brought again with its picture", async () => {
  const saved = await save();
  await store.write({ ops: [{ ...saved, rev: 3 }] });
  await store.write({ handedOver: { names: [picture.name], at: 5 } });

  await store.write({ ops: [{ ...saved, was: [3] }] });

  assert.equal(store.waitingFiles().length, 1);
  assert.deepEqual(await (await afterKill()).fileBytes(picture.name), picture.bytes);
});

test("where the village never makes a backup, the oldest pictures make room", () => {
  const files = new Map(
    Array.from({ length: 201 }, (_, at) => {
      const name = `${at.toString(16).padStart(64, "0")}.jpg`;
      return [name, { name, size: 1, op: { generation: 1, seq: at + 1 }, done: at }] as const;
    }),
  );
  const held = { ops: [], drafts: new Map(), files: new Map(files) };

  const after = filesAfter(held, { handedOver: { names: [], at: 9 } });

  assert.deepEqual(after.gone, [[...files.keys()][0]]);
  assert.equal(after.list.size, 201);
});

test("a window whose memory is old puts no picture down", async () => {
  const other = await afterKill();
  await store.save(naming);

  await assert.rejects(other.write({ drafts: [draft(picture.name)], files: [picture] }), Stale);

  assert.deepEqual(await onDisk(), []);
});

test("wrong PINs do not erase unsent pictures; who is told and agrees does", async () => {
  const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, [
    "deriveBits",
  ]);
  const key = await crypto.subtle.exportKey("raw", pair.publicKey);
  await store.takeCarryKey(Buffer.from(key).toString("base64"));
  await save();
  const thief = new Store(quick);
  let now = 0;
  for (let n = 0; n <= MOST_WRONG; n++) {
    now += 1e9;
    await assert.rejects(thief.unlock("000", now), WrongPin);
  }
  assert.equal((await afterKill()).waitingFiles().length, 1);

  assert.equal(await thief.erase(), false);
  assert.equal(await thief.erase(true), true);

  assert.deepEqual(await onDisk(), []);
  assert.equal((await thief.orphans()).length, 1);
});
