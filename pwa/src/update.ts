// New versions of the app: fetched whole in the background, offered when no form is open, never
// switched under the person's hands.
import { signal } from "@preact/signals";

/** A new version lies ready. */
export const isUpdateReady = signal(false);

let waiting: ServiceWorker | null = null;

export async function registerWorker(): Promise<void> {
  const { serviceWorker } = navigator;
  const hadOne = serviceWorker.controller !== null;
  const registration = await serviceWorker.register("/app/sw.js", {
    scope: "/app/",
    updateViaCache: "none",
  });
  const offer = (worker: ServiceWorker | null) => {
    if (worker && serviceWorker.controller) {
      waiting = worker;
      isUpdateReady.value = true;
    }
  };
  offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const fresh = registration.installing;
    fresh?.addEventListener("statechange", () => {
      if (fresh.state === "installed") offer(fresh);
    });
  });
  serviceWorker.addEventListener("controllerchange", () => {
    if (hadOne && isUpdateReady.value) location.reload();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && navigator.onLine) {
      // Out of reach is no failure: the shell at hand goes on working.
      registration.update().catch(() => undefined);
    }
  });
}

export function applyUpdate(): void {
  waiting?.postMessage("skip-waiting");
}

export function shellVersion(): Promise<string> {
  return new Promise((resolve) => {
    const worker = navigator.serviceWorker?.controller;
    if (!worker) return resolve("");
    const channel = new MessageChannel();
    channel.port1.onmessage = (event: MessageEvent<string>) => resolve(event.data);
    worker.postMessage("version", [channel.port2]);
    setTimeout(() => resolve(""), 1000);
  });
}
