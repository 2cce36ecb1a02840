import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

class Worker extends EventTarget {
  state = "installing";
  messages: string[] = [];
  postMessage(message: string): void {
    this.messages.push(message);
  }
}

class Registration extends EventTarget {
  installing: Worker | null = null;
  waiting: Worker | null = null;

  /** A newer version is found; `isDone` when it is installed before any page hears of it. */
  find(fresh: Worker, { isDone = false } = {}): void {
    this.installing = fresh;
    if (isDone) this.install(fresh);
    this.dispatchEvent(new Event("updatefound"));
  }

  install(fresh: Worker): void {
    this.installing = null;
    this.waiting = fresh;
    fresh.state = "installed";
    fresh.dispatchEvent(new Event("statechange"));
  }

  fail(fresh: Worker): void {
    this.installing = null;
    fresh.state = "redundant";
    fresh.dispatchEvent(new Event("statechange"));
  }
}

const registration = new Registration();
const serviceWorker = Object.assign(new EventTarget(), {
  controller: {},
  register: async () => registration,
});
Object.defineProperty(globalThis, "navigator", { value: { serviceWorker, onLine: true } });
Object.assign(globalThis, {
  document: new EventTarget(),
  addEventListener: () => undefined,
  location: { hash: "" },
});

const { applyUpdate, isUpdateReady, registerWorker } = await import("./update.ts");
await registerWorker();

beforeEach(() => {
  registration.installing = null;
  registration.waiting = null;
  isUpdateReady.value = false;
});

test("a new version is offered once it is installed, not while it is being fetched", () => {
  const fresh = new Worker();
  registration.find(fresh);
  assert.equal(isUpdateReady.value, false);
  registration.install(fresh);
  assert.equal(isUpdateReady.value, true);
  applyUpdate();
  assert.deepEqual(fresh.messages, ["skip-waiting"]);
});

test("a new version that was installed before the page heard of it is offered all the same", () => {
  registration.find(new Worker(), { isDone: true });
  assert.equal(isUpdateReady.value, true);
});

test("a version that could not be fetched whole is not offered, and the next one is", () => {
  const broken = new Worker();
  registration.find(broken);
  registration.fail(broken);
  assert.equal(isUpdateReady.value, false);
  registration.find(new Worker(), { isDone: true });
  assert.equal(isUpdateReady.value, true);
});
