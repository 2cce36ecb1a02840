// Starting up, and locking by itself: five minutes out of sight, or fifteen without a touch.
import { signal } from "@preact/signals";
import { keepReady } from "./ready.ts";
import { readSpelling } from "./search/sounds.ts";
import { language, lock, minute, phase, setLanguage, store, touch } from "./session.ts";
import { onMarker, readMarker } from "./store/marker.ts";
import { registerWorker } from "./update.ts";
import { isChatApp, lacking } from "./views/door.tsx";
import { readSeldom } from "./views/later.tsx";

export const unsupported = signal("");

const HIDDEN_MS = 5 * 60_000;
const IDLE_MS = 15 * 60_000;

let hiddenAt = 0;
let touchedAt = Date.now();

function lockIfDue(): void {
  if (phase.value !== "open") return;
  const now = Date.now();
  const isAway = hiddenAt > 0 && now - hiddenAt > HIDDEN_MS;
  if (isAway || now - touchedAt > IDLE_MS) lock();
}

export async function boot(): Promise<void> {
  await setLanguage(language.value);
  if (isChatApp(navigator.userAgent)) return;
  const missing = await lacking();
  if (missing) {
    unsupported.value = missing;
    phase.value = "unsupported";
    return;
  }
  if (await store.isEnrolled()) phase.value = "locked";
  else phase.value = readMarker() ? "lost" : "fresh";

  document.addEventListener("visibilitychange", () => {
    lockIfDue();
    hiddenAt = document.visibilityState === "hidden" ? Date.now() : 0;
    minute.value = Date.now();
  });
  for (const kind of ["pointerdown", "keydown"]) {
    addEventListener(
      kind,
      () => {
        touchedAt = Date.now();
      },
      { passive: true },
    );
  }
  onMarker(() => {
    if (phase.value !== "open") return;
    store.reload().then(touch, lock);
  });
  setInterval(() => {
    minute.value = Date.now();
    lockIfDue();
  }, 20_000);
  setTimeout(() => void Promise.all([readSeldom(), readSpelling()]), 1_000);
  keepReady();
  await registerWorker();
}
