// The service worker: keeps one whole version of the app's shell, so that it opens with no network.
//
// A new build is a new VERSION and so a new cache, filled completely at install or not at all. The
// old version goes on serving every open page until the person accepts the new one (message
// "skip-waiting"). Answers of the server's API are never kept here: they hold people's data, which
// live encrypted in IndexedDB alone.
declare const self: ServiceWorkerGlobalScope;
declare const SHELL: readonly string[];
declare const VERSION: string;

const PREFIX = "zoufang-shell-";
const CACHE = PREFIX + VERSION;

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(SHELL.map((path) => new Request(path, { cache: "reload" })));
}

async function dropOthers(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
  }
  await self.clients.claim();
}

async function fromShell(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}

self.addEventListener("install", (event) => event.waitUntil(fill()));

self.addEventListener("activate", (event) => event.waitUntil(dropOthers()));

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (!url.pathname.startsWith("/app/")) return;
  if (event.request.mode === "navigate") {
    event.respondWith(fromShell("/app/", event.request));
  } else if (SHELL.includes(url.pathname)) {
    event.respondWith(fromShell(url.pathname, event.request));
  }
});

self.addEventListener("message", (event) => {
  if (event.data === "skip-waiting") void self.skipWaiting();
  if (event.data === "version") event.ports[0]?.postMessage(VERSION);
});

export type {};
