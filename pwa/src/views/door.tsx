// What stands before the app: browsers of chat apps (which throw their storage away), browsers that
// cannot keep it safe, a phone whose browser has lost its data, and one that was cut off.
import { signal } from "@preact/signals";
import { go, route } from "../route.ts";
import { erased, store, text } from "../session.ts";
import { readMarker } from "../store/marker.ts";
import { MOST_WRONG } from "../store/store.ts";
import { Button, Note } from "../ui/parts.tsx";
import { Boxes } from "./boxes.tsx";
import { Others } from "./others.tsx";

const CHAT_APPS = /MicroMessenger|\bQQ\/|DingTalk|AliApp|Feishu|Lark|Weibo/i;

export function isChatApp(agent: string): boolean {
  return CHAT_APPS.test(agent);
}

const copied = signal(false);

async function copy(): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href);
    copied.value = true;
  } catch {
    document.querySelector<HTMLInputElement>("#door-link")?.select();
    copied.value = document.execCommand("copy");
  }
}

export function ChatApp() {
  const t = text.value;
  return (
    <main class="door">
      <p class="door-arrow" aria-hidden="true">
        ↗
      </p>
      <h1>{t.door_title}</h1>
      <ol>
        <li>{t.door_one}</li>
        <li>{t.door_two}</li>
      </ol>
      <p class="soft">{t.door_why}</p>
      <label class="ask" for="door-link">
        {t.door_link}
      </label>
      <input id="door-link" class="input" readOnly value={location.href} />
      <Button kind="primary" onClick={() => void copy()}>
        {copied.value ? t.copied : t.copy_link}
      </Button>
    </main>
  );
}

export function Unsupported({ missing }: { missing: string }) {
  const t = text.value;
  return (
    <main class="door">
      <h1>{t.unsupported_title}</h1>
      <Note kind="danger">{t.unsupported(missing)}</Note>
      <p>{t.unsupported_do}</p>
    </main>
  );
}

/**
 * Nothing on the phone: a first start, or all of it thrown away by the browser. That is said until the phone is
 * enrolled again, which writes the marker anew.
 */
export function Welcome({ lost }: { lost: boolean }) {
  const t = text.value;
  const marker = readMarker();
  return (
    <main class="door">
      <img class="door-mark" src="/app/icon.svg" alt="" />
      <h1>{t.app_name}</h1>
      {lost ? (
        <Note kind="danger">{t.storage_lost(marker?.unsent ?? 0, marker?.files ?? 0)}</Note>
      ) : (
        <p class="lead">{t.welcome}</p>
      )}
      {erased.value && <Note kind="danger">{t.erased_wrong_pins(MOST_WRONG)}</Note>}
      <Boxes />
      <Others />
      <Button kind="primary" onClick={() => go("/enrol")}>
        {t.enrol_this_phone}
      </Button>
    </main>
  );
}

export function Wiped() {
  return (
    <main class="door">
      <h1>{text.value.wiped_title}</h1>
      <p class="lead">{text.value.wiped}</p>
      <Note kind="good" icon="check">
        {text.value.wiped_safe}
      </Note>
      <p>{text.value.wiped_do}</p>
      <Others />
    </main>
  );
}

/** What the phone lacks, or null when it has all the app stands on. */
export async function lacking(): Promise<string | null> {
  if (!window.isSecureContext) return "HTTPS";
  if (!("serviceWorker" in navigator)) return "Service Worker";
  if (!("indexedDB" in window)) return "IndexedDB";
  if (!crypto?.subtle) return "WebCrypto";
  try {
    await store.isEnrolled();
  } catch {
    return "IndexedDB";
  }
  return null;
}

export function isEnrolling(): boolean {
  return route.value[0] === "enrol";
}
