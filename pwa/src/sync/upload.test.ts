import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { beforeEach, test } from "node:test";
import { named } from "../files.ts";
import { uuid7 } from "../model/clock.ts";
import { isStuck, type NewFile } from "../store/files.ts";
import { NoAnswer, Refused } from "./call.ts";
import { begin, create, op, store, sync, village } from "./fake-phone.ts";
import { Loop } from "./loop.ts";
import { type FileProgress, handOverFiles, PART_BYTES } from "./upload.ts";

const SIZE = 2 * PART_BYTES + 900;
let picture: NewFile;

beforeEach(async () => {
  await begin();
  picture = await named(new Uint8Array(randomBytes(SIZE)), "jpg");
});

/** A record that names the picture, saved with it. */
const save = () =>
  store.save(
    () => {
      const set = { present: true, photo: picture.name };
      return op([{ record: uuid7(), type: "own_roof", base: 0, set, prev: {} }]);
    },
    { files: [picture] },
  );

const handOver = (onProgress: (progress: FileProgress) => void = () => undefined) =>
  handOverFiles(store, { fetch: village.fetch, language: () => "zh-CN" }, () => 5000, onProgress);

const offsets = () => village.parts.map(([, offset]) => offset);

/** Bit for bit; a difference of so many bytes is not worth printing. */
const isPicture = (bytes: Uint8Array | null | undefined) => picture.bytes.join() === bytes?.join();

async function assertArrived(): Promise<void> {
  assert.equal(isPicture(village.files.get(picture.name)), true);
  assert.deepEqual(store.waitingFiles(), []);
  assert.equal(isPicture(await store.fileBytes(picture.name)), true);
  assert.equal(store.memory?.files.get(picture.name)?.done, 5000);
}

test("a picture goes in parts after the text, and is still here until a backup holds the text", async () => {
  await save();
  const told: FileProgress[] = [];
  await handOver();
  assert.equal(village.parts.length, 0);
  await sync();

  await handOver((progress) => told.push(progress));

  assert.deepEqual(offsets(), [0, PART_BYTES, 2 * PART_BYTES]);
  assert.deepEqual(told.at(-1), { sent: SIZE, total: SIZE });
  await assertArrived();
});

test("what was cut goes on where the village stands, in the app as it was opened anew", async () => {
  await save();
  await sync();
  village.onPart = (_, offset) => {
    if (offset === PART_BYTES) throw new TypeError("connection reset");
  };
  await assert.rejects(handOver(), NoAnswer);
  assert.equal(store.waitingFiles().length, 1);
  village.onPart = () => undefined;
  store.lock();
  await store.unlock("246813", 0);

  await handOver();

  assert.deepEqual(offsets(), [0, PART_BYTES, 2 * PART_BYTES]);
  await assertArrived();
});

test("a part whose answer was lost is not sent twice", async () => {
  await save();
  await sync();
  const answer = village.fetch;
  const wire = {
    fetch: (async (...all: Parameters<typeof fetch>) => {
      const given = await answer(...all);
      if (village.parts.length === 2) throw new TypeError("connection reset");
      return given;
    }) as typeof fetch,
    language: () => "zh-CN",
  };
  await assert.rejects(
    handOverFiles(
      store,
      wire,
      () => 5000,
      () => undefined,
    ),
    NoAnswer,
  );

  await handOver();

  assert.deepEqual(offsets(), [0, PART_BYTES, 2 * PART_BYTES]);
  await assertArrived();
});

test("somebody who pauses goes on from there", async () => {
  await save();
  await sync();
  await assert.rejects(
    handOver(({ sent }) => {
      if (sent === PART_BYTES) throw new Error("paused");
    }),
    /paused/,
  );

  await handOver();

  assert.deepEqual(offsets(), [0, PART_BYTES, 2 * PART_BYTES]);
  await assertArrived();
});

test("the village may say where to go on, and that what came was damaged", async () => {
  await save();
  await sync();
  village.files.set(picture.name, new Uint8Array(PART_BYTES));
  let isLost = false;
  village.onPart = (name, offset) => {
    if (offset === 0 && !isLost) {
      // It had less than it said, as after a restore.
      isLost = true;
      village.files.set(name, picture.bytes.slice(0, 10));
    }
  };

  await handOver();

  assert.equal(offsets()[0], PART_BYTES);
  await assertArrived();
});

test("a picture the village cannot take stays on the phone and is asked for again", async () => {
  await save();
  await sync();
  village.onPart = (name) => void village.files.set(name, new Uint8Array(7));

  await handOver();

  assert.equal(village.parts.length < 10, true);
  assert.equal(isPicture(await store.fileBytes(picture.name)), true);
  village.onPart = () => undefined;
  village.files.clear();
  await handOver();
  await assertArrived();
});

const stuck = () => store.waitingFiles().filter(isStuck);

test("what the village would not take three times is asked about no more, and stays on the phone", async () => {
  await save();
  await sync();
  village.refuses = () => [404, "blob_unnamed"];
  for (let times = 0; times < 5; times++) await handOver();

  assert.equal(village.refused.length, 3);
  assert.deepEqual(
    stuck().map(({ name }) => name),
    [picture.name],
  );
  assert.equal(isPicture(await store.fileBytes(picture.name)), true);
  store.lock();
  await store.unlock("246813", 0);
  assert.equal(stuck().length, 1);
  assert.equal(await store.erase(), false, "wrong PINs do not take it either");
});

test("a refusal that nothing can change stops at once", async () => {
  await save();
  await sync();
  village.refuses = () => [413, "blob_too_large"];
  for (let times = 0; times < 3; times++) await handOver();

  assert.equal(village.refused.length, 1);
  assert.equal(stuck().length, 1);
});

test("one that is refused holds up no other", async () => {
  await save();
  const first = picture;
  picture = await named(new Uint8Array(randomBytes(SIZE)), "jpg");
  await save();
  await sync();
  village.refuses = (name) => (name === first.name ? [404, "blob_unnamed"] : null);

  await handOver();

  assert.equal(isPicture(village.files.get(picture.name)), true);
  assert.deepEqual(
    store.waitingFiles().map(({ name }) => name),
    [first.name],
  );
});

test("tried once more by its person it arrives, or waits for them again", async () => {
  await save();
  await sync();
  village.refuses = () => [404, "blob_unnamed"];
  for (let times = 0; times < 3; times++) await handOver();
  village.refuses = () => null;
  await handOver();
  assert.equal(stuck().length, 1);

  await store.update(() => ({ retried: [picture.name] }));
  await handOver();

  await assertArrived();
});

test("given up, it leaves the phone, and the record stays", async () => {
  await save();
  await sync();
  village.refuses = () => [413, "blob_too_large"];
  await handOver();

  await store.update(() => ({ givenUp: [picture.name] }));

  assert.deepEqual([store.waitingFiles().length, store.memory?.ops.length], [0, 1]);
  assert.equal(await store.fileBytes(picture.name), null);
});

test("a record that a restored server has lost brings its refused picture along anew", async () => {
  const saved = await save();
  await sync();
  village.refuses = () => [413, "blob_too_large"];
  await handOver();

  await store.update(() => ({ ops: [saved] }));

  assert.deepEqual([store.waitingFiles().length, stuck().length], [1, 0]);
});

test("a server's trouble is no refusal of the picture", async () => {
  await save();
  await sync();
  for (const [status, code] of [
    [401, "unknown_device"],
    [403, "cut_off_full"],
    [503, "busy"],
    [507, "disk_full"],
  ] as const) {
    village.refuses = () => [status, code];
    await assert.rejects(handOver(), Refused);
  }

  assert.equal(store.memory?.files.get(picture.name)?.refused, undefined);
});

/** A loop, and whether the phone was erased by it. */
function looping() {
  const removeEventListener = () => undefined;
  Object.assign(globalThis, { removeEventListener, document: { removeEventListener } });
  const told = { erased: false };
  const loop = new Loop({
    store,
    wire: { fetch: village.fetch, language: () => "zh-CN" },
    now: () => 5000,
    random: () => 0.5,
    onStored: () => undefined,
    onWipe: async () => {
      told.erased = true;
    },
  });
  return { loop, told };
}

test("a phone with no room for what came says so, and tries again", async () => {
  await create(uuid7(), { name: "戊" });
  const { loop } = looping();
  const write = store.write;
  store.write = () => Promise.reject(new DOMException("", "QuotaExceededError"));

  assert.equal(await loop.run(), false);

  const state = loop.state.value;
  assert.deepEqual([state.kind, state.kind === "waiting" && state.why], ["waiting", "full"]);
  store.write = write;
  assert.equal(await loop.run(), true);
  assert.equal(store.unsent().length, 0);
});

test("a phone that was cut off brings its pictures before it is erased", async () => {
  await save();
  village.wipe = true;
  const { loop, told } = looping();
  village.onPart = () => {
    throw new TypeError("connection reset");
  };
  await loop.run();
  assert.deepEqual([told.erased, loop.state.value.kind], [false, "waiting"]);
  assert.equal(store.waitingFiles().length, 1);
  village.onPart = () => undefined;

  await loop.run();

  assert.equal(told.erased, true);
  await assertArrived();
});

test("a phone that was cut off and has brought as much as it may keeps the rest, and is not erased", async () => {
  await save();
  village.wipe = true;
  const { loop, told } = looping();
  village.refuses = () => [403, "cut_off_full"];

  await loop.run();

  assert.deepEqual([told.erased, loop.state.value.kind], [false, "refused"]);
  assert.equal(isPicture(await store.fileBytes(picture.name)), true);
});

test("whoever stops a sync stops the pictures too, and goes on with them", async () => {
  await save();
  const { loop } = looping();
  village.onPart = (_, offset) => {
    if (offset === PART_BYTES) loop.pause();
  };
  await loop.run();
  assert.equal(loop.state.value.kind, "paused");
  assert.deepEqual(offsets(), [0, PART_BYTES]);
  village.onPart = () => undefined;

  assert.equal(await loop.run(), true);

  assert.deepEqual(offsets(), [0, PART_BYTES, 2 * PART_BYTES]);
  await assertArrived();
});
