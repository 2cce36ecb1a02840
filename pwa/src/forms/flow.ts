// A piece of work in progress: one or more records being filled in, saved together as one op. It is
// kept as a draft after each answer, so that a killed browser costs nothing, and it remembers what it
// stood on when each of its records was opened, so that a draft resumed days later still says truly
// what its author had seen.
import { withoutNew } from "../model/attachments.ts";
import { editsBetween, type FormValues, toFormValues } from "../model/edits.ts";
import { type Basis, type Change, changesFor, type NameOf, type Row } from "../model/pending.ts";
import type { EditValue, Id } from "../model/wire.ts";
import { type Field, formOf, type Programme } from "./programme.ts";

export interface Part {
  id: Id;
  type: string;
  is_new: boolean;
  was: FormValues;
  now: FormValues;
  basis: Basis;
  /** The person has been on its last page. */
  seen: boolean;
  /** Records like this new one that the person has told apart from it. */
  apart?: Id[];
}

export type FlowKind = "survey" | "visit" | "record";

export interface Flow {
  id: Id;
  kind: FlowKind;
  household: Id | null;
  parts: Part[];
  /** The part on the screen; null is the overview of a survey. */
  at: Id | null;
  section: number;
  /** Parts left for another one, to come back to. */
  trail: Id[];
  /** Somebody has answered something; an untouched one is no draft worth keeping. */
  touched: boolean;
  /** Where to go back to. */
  from: string;
}

export function isFlow(state: unknown): state is Flow {
  return typeof state === "object" && state !== null && Array.isArray((state as Flow).parts);
}

/**
 * A flow begun on another device, or on this phone before it was enrolled anew. Own edits it stood on keep their
 * base, and are no own edits of this device: no generation is 0.
 */
export function adopted(flow: Flow): Flow {
  const foreign = (own: Basis["own"]): Basis["own"] =>
    Object.fromEntries(Object.entries(own).map(([key, edit]) => [key, { ...edit, generation: 0 }]));
  return {
    ...flow,
    parts: flow.parts.map((part) => ({
      ...part,
      // Pictures that were not saved went with the store; a correction's are those of what it corrects.
      now: part.now.corrects_id ? part.now : withoutNew(part.now, part.was),
      basis: { ...part.basis, own: foreign(part.basis.own) },
    })),
  };
}

export const NEW_BASIS: Basis = { rev: 0, generation: 0, own: {} };

export function newPart(id: Id, type: string, now: FormValues): Part {
  return { id, type, is_new: true, was: {}, now, basis: NEW_BASIS, seen: false };
}

export function partOf(row: Row, fields: readonly Field[], basis: Basis): Part {
  const values = toFormValues(fields, row.fields);
  return {
    id: row.id,
    type: row.type,
    is_new: false,
    was: values,
    now: values,
    basis,
    seen: true,
  };
}

export function withPart(flow: Flow, part: Part): Flow {
  const known = flow.parts.some((each) => each.id === part.id);
  return {
    ...flow,
    parts: known
      ? flow.parts.map((each) => (each.id === part.id ? part : each))
      : [...flow.parts, part],
  };
}

/** Takes out a new record, and the new links that pointed to it. */
export function withoutPart(flow: Flow, id: Id): Flow {
  return {
    ...flow,
    at: flow.at === id ? (flow.trail[flow.trail.length - 1] ?? null) : flow.at,
    trail: flow.trail.filter((each) => each !== id),
    parts: flow.parts.filter(
      (part) =>
        part.id !== id && !(part.is_new && Object.values(part.now).some((value) => value === id)),
    ),
  };
}

function editsOf(part: Part, programme: Programme): Record<string, EditValue> {
  const type = formOf(programme, part.type, part.now);
  if (!type) return {};
  const fields = type.fields.filter((field) => !field.derived);
  const edits = editsBetween(fields, part.was, part.now);
  if (!part.is_new) return edits;
  const filled = Object.entries(edits).filter(([, value]) => value !== null && value !== false);
  return { present: true, ...Object.fromEntries(filled) };
}

export function isChanged(part: Part, programme: Programme): boolean {
  return part.is_new || Object.keys(editsOf(part, programme)).length > 0;
}

/** The changes of the op; homes come before what is homed through them. */
export function changesOf(flow: Flow, programme: Programme, nameOf: NameOf): Change[] {
  return flow.parts.flatMap((part) => {
    const edits = editsOf(part, programme);
    if (Object.keys(edits).length === 0) return [];
    if (part.is_new) return [{ record: part.id, type: part.type, base: 0, set: edits, prev: {} }];
    return changesFor(part.id, part.type, edits, part.basis, nameOf);
  });
}
