import assert from "node:assert/strict";
import { test } from "node:test";
import { Frames, framesOf, MOST_FRAMES } from "./frames.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The same at each run; small numbers that look like chance. */
function chanceOf(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function bytes(length: number, chance: (below: number) => number): Bytes {
  return Uint8Array.from({ length }, () => chance(256));
}

function changed(frame: Bytes, at: number, byte: number): Bytes {
  const other = frame.slice();
  other[at] = byte;
  return other;
}

function shuffled<Item>(items: readonly Item[], chance: (below: number) => number): Item[] {
  const left = [...items];
  return items.flatMap(() => left.splice(chance(left.length), 1));
}

/** What comes of frames, in the order in which they were seen. */
async function read(frames: readonly Bytes[], held = new Frames()): Promise<Bytes[]> {
  const messages: Bytes[] = [];
  for (const frame of frames) {
    const seen = held.add(frame);
    const message = seen && (await held.whole(seen));
    if (message) messages.push(message);
  }
  return messages;
}

test("a message comes whole out of its frames in any order, whatever its length", async () => {
  for (let seed = 0; seed < 60; seed++) {
    const chance = chanceOf(seed);
    const message = bytes(1 + chance(8000), chance);

    assert.deepEqual(await read(shuffled(await framesOf(message), chance)), [message]);
  }
});

test("frames that are seen again, and those of another message in between, harm nothing", async () => {
  for (let seed = 0; seed < 40; seed++) {
    const chance = chanceOf(seed);
    const messages = [bytes(1500 + chance(99), chance), bytes(1500 + chance(99), chance)];
    const cut = await Promise.all(messages.map(framesOf));
    const seen = shuffled([...cut.flat(), ...cut.flat(), ...cut.flat()], chance);

    const found = new Set((await read(seen)).map(String));

    assert.deepEqual(found, new Set(messages.map(String)));
  }
});

test("while one frame is missing there is no message", async () => {
  const chance = chanceOf(1);
  const frames = await framesOf(bytes(2000, chance));
  for (const missing of frames) {
    const others = frames.filter((frame) => frame !== missing);
    assert.deepEqual(await read([...others, ...others]), []);
  }
});

test("what is no frame, or a cut one, changes nothing", async () => {
  const chance = chanceOf(2);
  const message = bytes(2000, chance);
  const frames = await framesOf(message);
  const [first = new Uint8Array()] = frames;
  const held = new Frames();

  for (let length = 0; length <= 9; length++) assert.equal(held.add(first.slice(0, length)), null);
  for (let seed = 0; seed < 500; seed++) assert.equal(held.add(bytes(chance(300), chance)), null);
  const [at, count] = [7, 8];
  for (const wrong of [
    changed(first, 0, 0),
    changed(first, 2, 2),
    changed(first, at, frames.length),
    changed(first, at, 255),
    changed(first, count, 0),
    changed(first, count, MOST_FRAMES + 1),
  ])
    assert.equal(held.add(wrong), null);

  assert.deepEqual(await read(frames, held), [message]);
});

test("a frame that lies spoils one round at most", async () => {
  const message = bytes(2000, chanceOf(3));
  const frames = await framesOf(message);
  const [first = new Uint8Array()] = frames;
  const lies = [first.slice(0, -1), changed(first, 20, (first[20] ?? 0) ^ 1)];
  for (const lie of lies) {
    const held = new Frames();
    assert.deepEqual(await read([lie, ...frames], held), []);
    assert.deepEqual(await read(frames, held), [message]);
  }
});

test("what would take too many codes is not cut at all", async () => {
  const most = MOST_FRAMES * 221;

  assert.equal((await framesOf(new Uint8Array(most))).length, MOST_FRAMES);
  assert.deepEqual(await framesOf(new Uint8Array(most + 1)), []);
});
