// Initials of a Chinese name, for names typed on the phone which the server has not seen yet (for all
// others the server sends the whole reading). Families' names with a reading of their own come first.
import { INITIALS } from "./initials-table.ts";

/** Surnames read otherwise than the character usually is. */
const SURNAMES: Record<string, string> = {
  单: "s",
  曾: "z",
  解: "x",
  仇: "q",
  查: "z",
  盖: "g",
  覃: "q",
  朴: "p",
  区: "o",
  种: "c",
  洗: "x",
  冼: "x",
  缪: "m",
  乐: "y",
  尉迟: "yc",
  万俟: "mq",
  长孙: "zs",
};

let table: Map<string, string> | null = null;

function letters(): Map<string, string> {
  if (table) return table;
  table = new Map();
  const decoder = new TextDecoder("gb18030");
  const row = new Uint8Array(94 * 2);
  for (let at = 0; at * 94 < INITIALS.length; at++) {
    for (let cell = 0; cell < 94; cell++) {
      row[cell * 2] = 0xb0 + at;
      row[cell * 2 + 1] = 0xa1 + cell;
    }
    [...decoder.decode(row)].forEach((character, cell) => {
      const letter = INITIALS[at * 94 + cell];
      if (letter && letter !== "-") (table as Map<string, string>).set(character, letter);
    });
  }
  return table;
}

/** Lower-case letters; a character no table knows is left out. */
export function initialsOf(name: string): string {
  const known = letters();
  const plain = name.normalize("NFKC").replace(/[\s·•．.]/g, "");
  const double = SURNAMES[plain.slice(0, 2)];
  const head = double ?? SURNAMES[plain.slice(0, 1)];
  const rest = head ? plain.slice(double ? 2 : 1) : plain;
  return (
    (head ?? "") +
    [...rest].map((c) => (/[a-z0-9]/i.test(c) ? c.toLowerCase() : (known.get(c) ?? ""))).join("")
  );
}
