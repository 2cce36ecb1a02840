// Numbers that people carry, checked as the server does (server/forms/numbers.py, tests/vectors/checks.json):
// identity numbers by GB 11643, phones by the numbering plan, area codes by GB/T 10114. Pointed out when
// odd, kept as typed.
import { isDay } from "../model/clock.ts";

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
export const DEMO_AREA = "990000";

const half = (typed: string) => typed.normalize("NFKC").replace(/—/g, "-");
const tidyId = (typed: string) => half(typed).replace(/[\s-]/g, "").toUpperCase();
const bornOf = (number: string) =>
  `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;

export function idNumberFault(typed: string): "" | "length" | "characters" | "date" | "checksum" {
  const number = tidyId(typed);
  if ([...number].length !== 18) return "length";
  if (!/^\d{17}[\dX]$/.test(number)) return "characters";
  if (!isDay(bornOf(number)) || bornOf(number) < "1900") return "date";
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(number[at]), 0);
  return "10X98765432"[sum % 11] === number[17] ? "" : "checksum";
}

/** Day of birth and sex (1 male, 2 female) which a valid number states. */
export function idNumberFacts(typed: string): [born: string, sex: string] | null {
  if (idNumberFault(typed)) return null;
  const number = tidyId(typed);
  return [bornOf(number), Number(number[16]) % 2 ? "1" : "2"];
}

const KINDS = {
  mobile: /^1[3-9]\d{9}$/,
  landline: /^0\d{2,3}-?\d{7,8}(-\d{1,6})?$/,
  demo: /^1000000\d{4}$/,
  short: /^\d{3,6}$/,
};

export function phoneKind(typed: string): keyof typeof KINDS | "" {
  const number = half(typed)
    .replace(/[\s().]/g, "")
    .replace(/^(\+|00)86-?/, "");
  const bare = number.replace(/-/g, "");
  const plain = KINDS.mobile.test(bare) || KINDS.demo.test(bare) ? bare : number;
  for (const [kind, form] of Object.entries(KINDS)) {
    if (form.test(plain)) return kind as keyof typeof KINDS;
  }
  return "";
}

/** Whether 12 digits can be the code of a village: town and village from 001 to 599. */
export function isAreaCode(code: string): boolean {
  const part = (at: number) => Number(code.slice(at, at + 3));
  return /^[1-9]\d{11}$/.test(code) && [6, 9].every((at) => part(at) >= 1 && part(at) <= 599);
}
