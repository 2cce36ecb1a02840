// Which screen is on: the part of the address after #, so that the back button works and a killed
// browser comes back where it was.
import { signal } from "@preact/signals";

function read(): string[] {
  return location.hash
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

addEventListener("hashchange", () => {
  route.value = read();
  scrollTo(0, 0);
});

export function go(path: string): void {
  location.hash = path;
}

/** Goes on without leaving a step in the history. */
export function replace(path: string): void {
  history.replaceState(null, "", `#${path}`);
  route.value = read();
  scrollTo(0, 0);
}

export function back(otherwise = "/today"): void {
  if (history.length > 1) history.back();
  else replace(otherwise);
}
