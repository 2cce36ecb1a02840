// Days of Asia/Shanghai and record ids. The village has one calendar wherever the phone believes
// itself to be, so nothing here reads the phone's own time zone. China has kept UTC+8 without
// summer time since 1991; a fixed offset is exact for every date this app writes.

const OFFSET_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

export function dayOf(instant: number): string {
  return new Date(instant + OFFSET_MS).toISOString().slice(0, 10);
}

/** HH:MM in the village. */
export function timeOf(instant: number): string {
  return new Date(instant + OFFSET_MS).toISOString().slice(11, 16);
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Whole days from one day to another; negative when the other is earlier. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Full years of age on a day; null when the birth day is not a day. */
export function ageOn(birth: string, day: string): number | null {
  if (!DAY.test(birth)) return null;
  const years = Number(day.slice(0, 4)) - Number(birth.slice(0, 4));
  return day.slice(5) < birth.slice(5) ? years - 1 : years;
}

export function isDay(text: string): boolean {
  if (!DAY.test(text)) return false;
  const month = Number(text.slice(5, 7));
  const day = Number(text.slice(8));
  // Most days need no calendar, and a list of thousands asks for every one.
  if (day <= 28) return day > 0 && month > 0 && month <= 12;
  const instant = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(instant) && new Date(instant).toISOString().slice(0, 10) === text;
}

/** A day or month as somebody is typing it, `2018-4-7`, with its zeros. */
export function padded(text: string): string {
  return text.replace(/-(\d)(?=-|$)/g, "-0$1");
}

export function isMonth(text: string): boolean {
  return isDay(`${text}-01`);
}

let lastMs = 0;
let counter = 0;

/** A UUIDv7 (RFC 9562) as 32 hex digits; ids made in one millisecond keep their order. */
export function uuid7(now: number = Date.now()): string {
  if (now > lastMs) {
    lastMs = now;
    counter = crypto.getRandomValues(new Uint16Array(1))[0] ?? 0;
    counter &= 0x7ff;
  } else {
    counter += 1;
    if (counter > 0xfff) {
      lastMs += 1;
      counter = 0;
    }
  }
  const tail = crypto.getRandomValues(new Uint8Array(8));
  tail[0] = ((tail[0] ?? 0) & 0x3f) | 0x80;
  const random = [...tail].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${lastMs.toString(16).padStart(12, "0")}7${counter.toString(16).padStart(3, "0")}${random}`;
}

/** An id for an entry of a list field: six characters of [a-z0-9]. */
export function entryId(): string {
  const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  return [...crypto.getRandomValues(new Uint8Array(6))].map((byte) => alphabet[byte % 36]).join("");
}
