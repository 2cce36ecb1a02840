// The canonical form (PROTOCOL §7) and the digest of a bucket (§3.4). Both ends must come to the same
// bytes; tests/vectors/canonical.json holds the examples both run.
import { sha256 } from "@noble/hashes/sha2.js";

const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** Most strings are plain ASCII, in NFC as they are and with nothing to escape. */
function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text.normalize("NFC"));
}

function objectText(value: Record<string, unknown>): string {
  let names = Object.keys(value).filter((name) => value[name] !== undefined);
  const isPlain = names.every((name) => PLAIN.test(name));
  if (isPlain) names.sort();
  else {
    const composed = new Map(names.map((name) => [name, name.normalize("NFC")]));
    names = names.sort((a, b) => byCodePoint(composed.get(a) ?? a, composed.get(b) ?? b));
  }
  let text = "";
  for (const name of names) {
    text += `${text === "" ? "" : ","}${quoted(name)}:${canonical(value[name])}`;
  }
  return `{${text}}`;
}

/** Order of Unicode code points, which differs from that of UTF-16 units beyond the first plane. */
function byCodePoint(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  const shared = Math.min(left.length, right.length);
  for (let i = 0; i < shared; i++) {
    const step = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (step !== 0) return step;
  }
  return left.length - right.length;
}

/** Throws TypeError for what has no canonical form: fractions, and numbers no double can hold. */
export function canonical(value: unknown): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "string":
      return quoted(value);
    case "boolean":
      return value ? "true" : "false";
    case "number":
      if (!Number.isSafeInteger(value)) throw new TypeError(`No canonical form: ${value}`);
      return String(value === 0 ? 0 : value);
    case "object": {
      if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
      return objectText(value as Record<string, unknown>);
    }
    default:
      throw new TypeError(`No canonical form: ${typeof value}`);
  }
}

/** Four 32-bit lanes, summed modulo 2^32 each. */
export type Lanes = readonly [number, number, number, number];
export const EMPTY: Lanes = [0, 0, 0, 0];

const encoder = new TextEncoder();

/** Rows never change, so one is summed once however often it is added and taken out. */
const known = new WeakMap<readonly unknown[], Lanes>();

export function lanesOf(row: readonly unknown[]): Lanes {
  const held = known.get(row);
  if (held) return held;
  const sum = sha256(encoder.encode(canonical(row)));
  const view = new DataView(sum.buffer, sum.byteOffset);
  const lanes: Lanes = [
    view.getUint32(0),
    view.getUint32(4),
    view.getUint32(8),
    view.getUint32(12),
  ];
  known.set(row, lanes);
  return lanes;
}

export function add(a: Lanes, b: Lanes): Lanes {
  return [(a[0] + b[0]) >>> 0, (a[1] + b[1]) >>> 0, (a[2] + b[2]) >>> 0, (a[3] + b[3]) >>> 0];
}

export function subtract(a: Lanes, b: Lanes): Lanes {
  return [(a[0] - b[0]) >>> 0, (a[1] - b[1]) >>> 0, (a[2] - b[2]) >>> 0, (a[3] - b[3]) >>> 0];
}

export function toHex(lanes: Lanes): string {
  return lanes.map((lane) => lane.toString(16).padStart(8, "0")).join("");
}

export function fromHex(text: string): Lanes {
  const lane = (at: number) => Number.parseInt(text.slice(at * 8, at * 8 + 8), 16) >>> 0;
  return [lane(0), lane(1), lane(2), lane(3)];
}

export function digestOf(rows: Iterable<readonly unknown[]>): string {
  let sum = EMPTY;
  for (const row of rows) sum = add(sum, lanesOf(row));
  return toHex(sum);
}
