import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Loop } from "./loop.ts";

/** A window in front, and a store that has one answer after another to fetch. */
function stage(answer: () => Promise<Response>) {
  const listeners = new Map<string, () => void>();
  const listen = (name: string, then: () => void) => listeners.set(name, then);
  Object.assign(globalThis, {
    addEventListener: listen,
    removeEventListener: () => undefined,
    document: { visibilityState: "visible", addEventListener: listen, removeEventListener: listen },
  });
  Object.defineProperty(globalThis, "navigator", {
    value: { onLine: true },
    configurable: true,
  });
  const asked: number[] = [];
  let now = 1_000_000;
  const loop = new Loop({
    store: { memory: {}, unsent: () => [], token: "t" } as never,
    wire: {
      fetch: (() => {
        asked.push(now);
        return answer();
      }) as typeof fetch,
      language: () => "zh",
    },
    now: () => now,
    random: () => 0.5,
    onStored: () => undefined,
    onWipe: async () => undefined,
  });
  const pass = async (ms: number) => {
    now += ms;
    mock.timers.tick(ms);
    for (let i = 0; i < 20; i += 1) await Promise.resolve();
  };
  return { loop, asked, listeners, pass };
}

test("a server that asked for quiet is not pressed when the app comes to the front", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { loop, listeners, pass } = stage(() => Promise.reject(new TypeError("none")));
  let runs = 0;
  loop.run = async () => {
    runs += 1;
    return false;
  };
  loop.start();
  await pass(1);
  assert.equal(runs, 1);

  loop.quiet(60_000);
  listeners.get("online")?.();
  await pass(30_000);
  assert.equal(runs, 1);
  await pass(30_001);
  assert.equal(runs, 2);

  loop.stop();
  mock.timers.reset();
});
