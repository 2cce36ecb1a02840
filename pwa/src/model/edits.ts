// From what a form holds to the keys an op sets (PROTOCOL §4), and back.
import { entryId } from "./clock.ts";
import { entriesOf, type RepeatEntry, repeatEdits, toEntries } from "./repeats.ts";
import type { EditValue, Fields, FieldValue, Key } from "./wire.ts";

export type FormValue = string | string[] | ListEntry[] | RepeatEntry[];
export type FormValues = Record<string, FormValue>;

/** A phone number in the list editor; `entry` is its id once the register knows it. */
export interface ListEntry {
  entry?: string;
  number: string;
  owner?: string;
  use?: string;
}

export interface FieldKind {
  name: string;
  type: string;
  /** The questions of a repeat. */
  fields?: readonly FieldKind[];
}

/** What is sent for a typed answer: numbers as integers, everything else as text. What is no number and
 * no day stays as it was typed: the server keeps it and points it out. */
export function scalar(kind: string, text: string): EditValue {
  const value = text.normalize("NFC").trim();
  if (value === "") return null;
  return kind === "integer" && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
}

export function toFormValue(field: FieldKind, value: FieldValue | undefined): FormValue {
  const kind = field.type;
  if (kind === "repeat") return toEntries(field.fields ?? [], value);
  if (kind === "select_multiple") return Array.isArray(value) ? value.map(String) : [];
  if (kind === "list") {
    if (typeof value !== "object" || Array.isArray(value)) return [];
    return Object.entries(value).flatMap(([entry, item]) =>
      typeof item === "object" && !Array.isArray(item)
        ? [
            {
              entry,
              number: String(item.number ?? ""),
              ...(item.owner === undefined ? {} : { owner: String(item.owner) }),
              ...(item.use === undefined ? {} : { use: String(item.use) }),
            },
          ]
        : [],
    );
  }
  return value === undefined || typeof value === "object" ? "" : String(value);
}

export function toFormValues(kinds: readonly FieldKind[], fields: Fields): FormValues {
  return Object.fromEntries(kinds.map((kind) => [kind.name, toFormValue(kind, fields[kind.name])]));
}

function entryValue(item: ListEntry, replaces?: string): FieldValue {
  const value: { [name: string]: FieldValue } = { number: item.number.trim() };
  if (item.owner) value.owner = item.owner;
  if (item.use) value.use = item.use;
  if (replaces) value.replaces = replaces;
  return value;
}

function listEdits(name: string, was: ListEntry[], now: ListEntry[]): Record<Key, EditValue> {
  const edits: Record<Key, EditValue> = {};
  const before = new Map(was.map((item) => [item.entry, item]));
  const kept = new Set<string | undefined>();
  for (const item of now) {
    if (item.number.trim() === "") continue;
    const old = item.entry === undefined ? undefined : before.get(item.entry);
    if (!old) {
      edits[`${name}/${item.entry ?? entryId()}`] = entryValue(item);
      continue;
    }
    kept.add(item.entry);
    const same =
      old.number === item.number.trim() &&
      (old.owner ?? "") === (item.owner ?? "") &&
      (old.use ?? "") === (item.use ?? "");
    if (same) continue;
    // Editing an entry takes the old one out and puts a new one in its place, so that two people who
    // correct one number at once are both heard.
    edits[`${name}/${item.entry}`] = null;
    edits[`${name}/${entryId()}`] = entryValue(item, item.entry);
  }
  for (const item of was) {
    if (item.entry !== undefined && !kept.has(item.entry)) edits[`${name}/${item.entry}`] = null;
  }
  return edits;
}

/** The edits that lead from one state of a form to another; fields not stored are left out. */
export function editsBetween(
  kinds: readonly FieldKind[],
  was: FormValues,
  now: FormValues,
): Record<Key, EditValue> {
  const edits: Record<Key, EditValue> = {};
  for (const { name, type, fields } of kinds) {
    if (type === "note") continue;
    const before = was[name] ?? "";
    const after = now[name] ?? "";
    if (type === "list") {
      Object.assign(
        edits,
        listEdits(
          name,
          Array.isArray(before) ? (before as ListEntry[]) : [],
          Array.isArray(after) ? (after as ListEntry[]) : [],
        ),
      );
    } else if (type === "repeat") {
      Object.assign(edits, repeatEdits(name, fields ?? [], entriesOf(before), entriesOf(after)));
    } else if (type === "select_multiple") {
      const had = new Set(Array.isArray(before) ? (before as string[]) : []);
      const has = new Set(Array.isArray(after) ? (after as string[]) : []);
      for (const element of has) if (!had.has(element)) edits[`${name}/${element}`] = true;
      for (const element of had) if (!has.has(element)) edits[`${name}/${element}`] = false;
    } else {
      const from = scalar(type, String(before));
      const to = scalar(type, String(after));
      if (from !== to) edits[name] = to;
    }
  }
  return edits;
}
