// Keeping step with the screen: what a person waits for is drawn first, the rest when it is on the glass.

/** When what has been drawn is on the glass; at once in a page nobody sees, where nothing is painted. */
export function painted(): Promise<void> {
  if (document.visibilityState === "hidden") return Promise.resolve();
  return new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
}

const SLICE_MS = 6;

const idle: (go: () => void) => void =
  typeof requestIdleCallback === "function" ? requestIdleCallback : (go) => setTimeout(go, 50);

/** Goes through items a few at a time while nobody waits for the phone; stops when they are wanted no more. */
export async function whenIdle<T>(
  items: readonly T[],
  work: (item: T) => void,
  isWanted: () => boolean,
): Promise<void> {
  let at = 0;
  while (at < items.length) {
    await new Promise<void>(idle);
    if (!isWanted()) return;
    const end = performance.now() + SLICE_MS;
    while (at < items.length && performance.now() < end) work(items[at++] as T);
  }
}
