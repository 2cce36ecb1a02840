// How a Chinese name is read, for names typed on the phone which the server has not seen yet (for all others
// the server sends the reading). Families' names with a reading of their own come first.
import { CELLS, SURNAMES, SYLLABLES } from "./spelling-table.ts";

const surnames = new Map(
  SURNAMES.split(",").map((each) => {
    const [name = "", ...reading] = each.split(" ");
    return [name, reading];
  }),
);

let table: Map<string, string> | null = null;

function readings(): Map<string, string> {
  if (table) return table;
  table = new Map();
  const syllables = SYLLABLES.split(" ");
  const decoder = new TextDecoder("gb18030");
  const row = new Uint8Array(94 * 2);
  const letter = (at: number) => CELLS.charCodeAt(at) - 97;
  for (let at = 0; at * 188 < CELLS.length; at++) {
    for (let cell = 0; cell < 94; cell++) {
      row[cell * 2] = 0xb0 + at;
      row[cell * 2 + 1] = 0xa1 + cell;
    }
    [...decoder.decode(row)].forEach((character, cell) => {
      const place = (at * 94 + cell) * 2;
      const syllable = syllables[letter(place) * 26 + letter(place + 1)];
      if (syllable) (table as Map<string, string>).set(character, syllable);
    });
  }
  return table;
}

/** Syllables without tones, lower case; a character no table knows is left out. */
export function spell(name: string): string[] {
  const known = readings();
  const plain = name.normalize("NFKC").replace(/[\s·•．.]/g, "");
  const length = [2, 1].find((each) => plain.length > each && surnames.has(plain.slice(0, each)));
  const head = surnames.get(plain.slice(0, length ?? 0)) ?? [];
  const rest = [...plain.slice(length ?? 0)].map((one) =>
    /[a-z0-9]/i.test(one) ? one.toLowerCase() : (known.get(one) ?? ""),
  );
  return [...head, ...rest].filter(Boolean);
}
