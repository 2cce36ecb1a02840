// The care programme as the server sends it (GET /api/programme): record types, lists, rules.
import type { Calendar, DueRule } from "../due.ts";
import type { Expr } from "./expression.ts";

export interface Label {
  zh: string;
  en: string;
}

export type Condition = Expr | boolean | null;

export interface Field {
  name: string;
  type: string;
  list?: string | null;
  ref?: string | null;
  section: string;
  label: Label;
  hint: Label | null;
  required: Condition;
  relevant: Condition;
  constraint: Condition;
  constraint_message: Label | null;
  default: Expr | null;
  calculation: Expr | null;
  choice_filter: Expr | null;
  readonly: Condition;
  appearance: string;
  policy: string;
  volunteer: boolean;
  office_only: boolean;
  derived?: boolean;
  search: string;
  card: boolean;
  range?: { start: number; end: number; step: number } | null;
  /** A repeat's questions, and how many entries it has when the form says so. */
  fields?: Field[];
  count?: Expr | null;
}

export interface RecordType {
  name: string;
  kind: "entity" | "event";
  label: Label;
  sections: { name: string; label: Label }[];
  fields: Field[];
  /** Roles that may record it; a programme of an older server does not say. */
  writers?: string[];
  /** The fields a volunteer may change in a record that is there. */
  volunteer_edits?: string[];
  /** Of a village's own form: its newest version, whom it is about, the grids it is offered in (none: all). */
  own?: { version: number; subject: string; grids: string[]; retired: boolean };
}

export interface Choice {
  name: string;
  label: Label;
  [extra: string]: unknown;
}

export interface Rule extends DueRule {
  label: Label;
}

export interface Programme {
  version: string;
  types: Record<string, RecordType>;
  /** Own forms as they were before the newest version, as `name@version`. */
  versions?: Record<string, RecordType>;
  lists: Record<string, Choice[]>;
  rules: Rule[];
  /** A programme of an older server has none. */
  calendar?: Calendar;
  /** What is said of odd answers, by code; a programme of an older server has none. */
  messages?: Record<string, Label>;
}

export function isProgramme(value: unknown): value is Programme {
  const programme = value as Programme | null;
  return (
    typeof programme === "object" &&
    programme !== null &&
    typeof programme.version === "string" &&
    typeof programme.types === "object" &&
    typeof programme.lists === "object" &&
    Array.isArray(programme.rules)
  );
}

/** The form a record is, or was, filled in with: of a village's own form the version it names. */
export function formOf(
  programme: Programme | null,
  type: string,
  values: Record<string, unknown>,
): RecordType | undefined {
  return programme?.versions?.[`${type}@${values.form_version}`] ?? programme?.types[type];
}

/** A choice's words; a code no list knows is shown as it is, never hidden. */
export function choiceLabel(
  programme: Programme,
  list: string | null | undefined,
  name: string,
  language: keyof Label,
): string {
  const choice = list ? programme.lists[list]?.find((each) => each.name === name) : undefined;
  return choice?.label[language] || choice?.label.zh || name;
}
