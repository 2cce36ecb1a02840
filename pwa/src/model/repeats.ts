// The entries of a repeat group (PROTOCOL §4): an observed-remove list like the phone numbers, each
// entry one object of its answers. Changing an entry takes it out and puts a new one in its place, so
// that two people who change one entry at once are both heard.
import { entryId } from "./clock.ts";
import { type FieldKind, type FormValue, type FormValues, scalar, toFormValue } from "./edits.ts";
import type { EditValue, FieldValue, Key } from "./wire.ts";

export interface RepeatEntry {
  entry: string;
  values: FormValues;
}

export function newEntry(values: FormValues = {}): RepeatEntry {
  return { entry: entryId(), values };
}

/** Whether a form value is the list of a repeat's entries; an empty list is one of anything. */
export function isEntries(value: FormValue | undefined): value is RepeatEntry[] {
  return (
    Array.isArray(value) &&
    value.every((each) => typeof each === "object" && each !== null && "values" in each)
  );
}

export function entriesOf(value: FormValue | undefined): RepeatEntry[] {
  return isEntries(value) ? value : [];
}

export function toEntries(
  kinds: readonly FieldKind[],
  value: FieldValue | undefined,
): RepeatEntry[] {
  if (typeof value !== "object" || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([entry, held]) => {
    if (typeof held !== "object" || Array.isArray(held)) return [];
    const values = kinds.map((kind) => [kind.name, toFormValue(kind, held[kind.name])] as const);
    return [{ entry, values: Object.fromEntries(values) }];
  });
}

/** What is sent of an entry: its answers without the empty ones. */
function answersOf(kinds: readonly FieldKind[], values: FormValues): Record<string, FieldValue> {
  const answers: Record<string, FieldValue> = {};
  for (const { name, type } of kinds) {
    const value = values[name] ?? "";
    if (type === "select_multiple") {
      if (Array.isArray(value) && value.length > 0) answers[name] = [...(value as string[])].sort();
    } else if (type !== "note" && typeof value === "string") {
      const answer = scalar(type, value);
      if (answer !== null) answers[name] = answer;
    }
  }
  return answers;
}

export function repeatEdits(
  name: string,
  kinds: readonly FieldKind[],
  was: readonly RepeatEntry[],
  now: readonly RepeatEntry[],
): Record<Key, EditValue> {
  const edits: Record<Key, EditValue> = {};
  const before = new Map(was.map((each) => [each.entry, answersOf(kinds, each.values)]));
  for (const { entry, values } of now) {
    const old = before.get(entry);
    const answers = answersOf(kinds, values);
    if (!old) {
      // An entry that was added and never answered is none.
      if (Object.keys(answers).length > 0) edits[`${name}/${entry}`] = answers;
      continue;
    }
    before.delete(entry);
    if (JSON.stringify(old) === JSON.stringify(answers)) continue;
    edits[`${name}/${entry}`] = null;
    if (Object.keys(answers).length > 0) {
      edits[`${name}/${entryId()}`] = { ...answers, replaces: entry };
    }
  }
  for (const entry of before.keys()) edits[`${name}/${entry}`] = null;
  return edits;
}
