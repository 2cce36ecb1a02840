// New versions of the app: fetched whole in the background, offered when no form is open and nothing waits to
// be sent, never switched under the person's hands.
import { effect, signal } from "@preact/signals";
import { route } from "./route.ts";

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
  const offer = () => {
    if (registration.waiting && serviceWorker.controller) {
      waiting = registration.waiting;
      isUpdateReady.value = true;
    }
  };
  offer();
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", offer);
    // A busy page hears of a new version only after it is installed: no change of state follows then.
    offer();
  });
  serviceWorker.addEventListener("controllerchange", () => {
    // Another window may have accepted the new version while a form is open in this one.
    if (hadOne && isUpdateReady.value) afterForms(() => location.reload());
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && navigator.onLine) {
      // Out of reach is no failure: the shell at hand goes on working.
      registration.update().catch(() => undefined);
    }
  });
}

function afterForms(then: () => void): void {
  let isDone = false;
  effect(() => {
    if (isDone || route.value[0] === "flow") return;
    isDone = true;
    then();
  });
}

interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

/** The browser's own question whether to put the app on the home screen, where it has one. */
export const installPrompt = signal<InstallPrompt | null>(null);

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  installPrompt.value = event as InstallPrompt;
});
addEventListener("appinstalled", () => {
  installPrompt.value = null;
});

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
