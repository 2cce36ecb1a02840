// What names sound like. The table of readings is a file of its own, read when the first screen stands.
import { signal } from "@preact/signals";

const spelling = signal<typeof import("./spelling.ts") | null>(null);

export async function readSpelling(): Promise<void> {
  try {
    spelling.value ??= await import("./spelling.ts");
  } catch {
    // Then names the server has not read yet are found by their characters alone.
  }
}

/** Whether `readingOf` has its table by now. */
export const knowsReadings = (): boolean => spelling.value !== null;

/** Syllables of a name; none until the table is read. */
export function readingOf(name: string): string[] {
  return spelling.value?.spell(name) ?? [];
}

/** "gxm" */
export const initialsOf = (name: string): string =>
  readingOf(name)
    .map((syllable) => syllable[0])
    .join("");
