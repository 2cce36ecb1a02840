// A few numbers outside IndexedDB, about nobody: they outlive a browser that has thrown the database
// away, so that the loss is noticed and said instead of looking like a new phone.
import { chosen } from "./profiles.ts";

export interface Marker {
  device: string;
  last_seq: number;
  unsent: number;
  /** Pictures and recordings of saved work that the village does not have. */
  files: number;
}

const NAME = `${chosen}-marker`;

export function readMarker(): Marker | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(NAME) ?? "null");
    if (typeof value !== "object" || value === null) return null;
    const { device, last_seq, unsent, files } = value as Partial<Marker>;
    if (typeof device !== "string") return null;
    const number = (value: unknown) => Number(value) || 0;
    return {
      device,
      last_seq: number(last_seq),
      unsent: number(unsent),
      files: number(files),
    };
  } catch {
    return null;
  }
}

export function writeMarker(marker: Marker | null): void {
  try {
    if (marker) localStorage.setItem(NAME, JSON.stringify(marker));
    else localStorage.removeItem(NAME);
  } catch {
    // Storage can be forbidden; the marker is a help, not a condition.
  }
}

/** Calls back when another window of this phone has written. */
export function onMarker(listener: () => void): void {
  addEventListener("storage", (event) => {
    if (event.key === NAME) listener();
  });
}
