// A form of the programme over the values somebody typed: which questions stand, which answers are
// missing or odd. Pure; the views draw what this says.
import { dayOf, isDay, isMonth, padded } from "../model/clock.ts";
import type { FormValue, FormValues } from "../model/edits.ts";
import { type Context, evaluate, truth, type Value } from "./expression.ts";
import { idNumberFault } from "./numbers.ts";
import {
  type Choice,
  type Condition,
  choiceLabel,
  type Field,
  type Label,
  type Programme,
  type RecordType,
} from "./programme.ts";

export interface Setting {
  programme: Programme;
  language: keyof Label;
  role: string;
  now: number;
  /** Fields the flow itself fills in (the household, the child); never asked. */
  preset: ReadonlySet<string>;
}

export interface Finding {
  field: Field;
  kind: "missing" | "odd";
  message: Label | null;
  /** The record means nothing without it; everything else may be left for a later visit. */
  hard: boolean;
}

/** Without these a record cannot be told from another, or not be placed. */
const IDENTITY = new Set(["name", "head_name", "grid_code"]);

function contextValue(field: Field, value: FormValue | undefined): Value {
  if (value === undefined) return "";
  if (typeof value !== "string") {
    return value.map((item) => (typeof item === "string" ? item : item.number));
  }
  if (field.type === "date" || field.type === "month") return padded(value);
  return field.type === "integer" && /^-?\d+$/.test(value) ? Number(value) : value;
}

export function contextOf(type: RecordType, values: FormValues, setting: Setting): Context {
  const context: Context = {
    values: Object.fromEntries(
      type.fields.map((field) => [field.name, contextValue(field, values[field.name])]),
    ),
    today: dayOf(setting.now),
    now: setting.now,
    label: (list, name) => choiceLabel(setting.programme, list, name, setting.language),
  };
  // The compiler refuses circles; a calculation that reads a later one is settled by the second pass.
  for (let pass = 0; pass < 2; pass++) {
    for (const { name, calculation } of type.fields) {
      if (calculation !== null && calculation !== undefined) {
        context.values[name] = evaluate(calculation, context);
      }
    }
  }
  return context;
}

export function holds(condition: Condition, context: Context, otherwise: boolean): boolean {
  if (condition === null || condition === undefined) return otherwise;
  if (typeof condition === "boolean") return condition;
  return truth(evaluate(condition, context));
}

/** Whether this person is ever asked this on a phone. */
function isAsked(field: Field, type: RecordType, setting: Setting): boolean {
  if (field.office_only || field.derived || setting.preset.has(field.name)) return false;
  if (field.type === "calculate" || field.type === "hidden") return false;
  if (/\bcontext\b/.test(field.appearance ?? "")) return false;
  return setting.role !== "volunteer" || field.volunteer || type.kind === "event";
}

export function questions(type: RecordType, values: FormValues, setting: Setting): Field[] {
  const context = contextOf(type, values, setting);
  return type.fields.filter(
    (field) => isAsked(field, type, setting) && holds(field.relevant, context, true),
  );
}

/** Sections that have a question now, in order. */
export function sections(
  type: RecordType,
  values: FormValues,
  setting: Setting,
): { name: string; label: Label; fields: Field[] }[] {
  const asked = questions(type, values, setting);
  const named = type.sections.map((section) => ({
    ...section,
    fields: asked.filter((field) => field.section === section.name),
  }));
  const known = new Set(type.sections.map((section) => section.name));
  const loose = asked.filter((field) => !known.has(field.section));
  if (loose.length > 0) named.unshift({ name: "", label: type.label, fields: loose });
  return named.filter((section) => section.fields.length > 0);
}

export function isEmpty(value: FormValue | undefined): boolean {
  return value === undefined || value.length === 0 || (typeof value === "string" && !value.trim());
}

export function findings(type: RecordType, values: FormValues, setting: Setting): Finding[] {
  const context = contextOf(type, values, setting);
  const found: Finding[] = [];
  for (const field of questions(type, values, setting)) {
    if (field.type === "note") continue;
    const value = values[field.name];
    if (isEmpty(value)) {
      if (!holds(field.required, context, false)) continue;
      const hard = type.kind === "event" || IDENTITY.has(field.name) || field.type === "ref";
      found.push({ field, kind: "missing", message: null, hard });
    } else if (isUnfinished(field, value)) {
      found.push({ field, kind: "odd", message: null, hard: false });
    } else if (field.appearance === "id-number" && idNumberFault(String(value))) {
      found.push({ field, kind: "odd", message: idNumberFault(String(value)), hard: false });
    } else if (field.constraint !== null && field.constraint !== undefined) {
      const own: Context = { ...context, current: contextValue(field, value) };
      if (!holds(field.constraint, own, true)) {
        found.push({ field, kind: "odd", message: field.constraint_message, hard: false });
      }
    }
  }
  return found;
}

/** A day or month begun and not completed, or one that no calendar has. */
function isUnfinished(field: Field, value: FormValue | undefined): boolean {
  if (field.type === "date") return !isDay(padded(String(value)));
  return field.type === "month" && !isMonth(padded(String(value)));
}

/** The first answers of a new record. */
export function defaults(type: RecordType, setting: Setting): FormValues {
  const values: FormValues = {};
  for (const field of type.fields) {
    if (field.default === null || field.default === undefined) continue;
    const value = evaluate(field.default, contextOf(type, values, setting));
    if (field.type === "select_multiple") {
      values[field.name] = String(value).split(/\s+/).filter(Boolean);
    } else if (value !== "") {
      values[field.name] = String(value);
    }
  }
  return values;
}

export function choicesOf(
  field: Field,
  type: RecordType,
  values: FormValues,
  setting: Setting,
): readonly Choice[] {
  const all = field.list ? (setting.programme.lists[field.list] ?? []) : [];
  const filter = field.choice_filter;
  if (filter === null || filter === undefined) return all;
  const context = contextOf(type, values, setting);
  return all.filter((choice) => {
    const extra: Record<string, Value> = { name: choice.name };
    for (const [key, value] of Object.entries(choice)) {
      if (typeof value === "string") extra[key] = value;
    }
    return holds(filter, { ...context, values: { ...context.values, ...extra } }, true);
  });
}
