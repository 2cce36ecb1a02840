// Which screen is on: the part of the address after #, so that the back button works and a killed
// browser comes back where it was.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

function read(hash = location.hash): string[] {
  return hash
    .replace(/^#\/?/, "")
    .split("/")
    .filter(Boolean)
    .map((part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return part;
      }
    });
}

export const route = signal<string[]>(read());

/** What a step of the history knows: which screen was on before it, and whether it is one to spare above a form. */
interface Step {
  before?: string;
  spare?: boolean;
}

const step = (): Step => (history.state as Step | null) ?? {};

addEventListener("hashchange", ({ oldURL }) => {
  if (history.state === null)
    history.replaceState({ before: oldURL.split("#")[1] || "/today" }, "");
  route.value = read();
  scrollTo(0, 0);
});

export function go(path: string): void {
  location.hash = path;
}

/** Goes on without leaving a step in the history. */
export function replace(path: string): void {
  history.replaceState({ before: step().before }, "", `#${path}`);
  route.value = read();
  scrollTo(0, 0);
}

/** Goes from a form to where it was opened, and leaves none of its steps in the history. */
export function leave(path: string): void {
  const { before, spare } = step();
  if (before === path) history.go(spare ? -2 : -1);
  else if (spare) {
    addEventListener("popstate", () => replace(path), { once: true });
    history.back();
  } else replace(path);
  route.value = read(path);
}

/**
 * The phone's own back does what the page's does: while a page is within itself, on a later one of a form, a step to
 * spare lies above it in the history.
 */
export function useOwnBack(isWithin: boolean, onBack: () => void): void {
  const latest = useRef(onBack);
  latest.current = onBack;
  useEffect(() => {
    if (isWithin && !step().spare) history.pushState({ ...step(), spare: true }, "");
  });
  useEffect(() => {
    const { hash } = location;
    const onPop = () => {
      if (location.hash === hash && !step().spare) latest.current();
    };
    addEventListener("popstate", onPop);
    return () => removeEventListener("popstate", onPop);
  }, []);
}

export function back(otherwise = "/today"): void {
  if (history.length > 1) history.back();
  else replace(otherwise);
}
