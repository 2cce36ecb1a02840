// What the app asks a browser for when it is read, for tests outside of one. To be imported before the app is.
import "fake-indexeddb/auto";

Object.assign(globalThis, {
  KDF_WORKER: "",
  Worker: class {
    onmessage: (event: unknown) => void = () => undefined;
    postMessage(): void {
      queueMicrotask(() => this.onmessage({ data: { key: new Uint8Array(32) } }));
    }
    terminate(): void {}
  },
  document: Object.assign(new EventTarget(), { visibilityState: "hidden", documentElement: {} }),
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
  window: { addEventListener: () => undefined },
  innerHeight: 800,
  visualViewport: null,
  location: { hash: "" },
  history: { replaceState: () => undefined, length: 1 },
  scrollTo: () => undefined,
});
