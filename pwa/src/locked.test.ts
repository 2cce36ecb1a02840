import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import "./fake-browser.ts";
import { DEVICE } from "./sync/fake-phone.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const session = await import("./session.ts");
const { notSurveyed } = await import("./views/today.tsx");
await import("./views/households.tsx");
const { store, phase, touch, index, register, lock } = session;

/** Opens the phone, has its screens work out what they show, and gives what they hold it by. */
async function looked(): Promise<WeakRef<object>[]> {
  await store.create("246813", DEVICE, 1);
  await store.update(() => ({
    puts: [
      { bucket: "grid:01", row: ["h".repeat(32), "household", 3, { head_name: "谷大山" }] },
      { bucket: "grid:01", row: ["c".repeat(32), "child", 4, { name: "谷小满" }] },
    ],
  }));
  phase.value = "open";
  touch();
  assert.equal(index.value.entries.length, 2);
  assert.equal(notSurveyed.value.length, 1);
  return [...register.value.rows.values()].map((row) => new WeakRef(row));
}

test("a locked phone holds no row in memory, nor what was worked out of it", async () => {
  const rows = await looked();
  lock();
  await new Promise((go) => setTimeout(go, 20));
  collect();

  assert.deepEqual(
    rows.map((row) => row.deref()),
    [undefined, undefined],
  );
});
