// A form of the programme over the values somebody typed: which questions stand, which answers are
// missing or odd. Pure; the views draw what this says.
import { dayOf, isDay, isMonth, padded } from "../model/clock.ts";
import type { FormValue, FormValues } from "../model/edits.ts";
import { entriesOf, isEntries, type RepeatEntry } from "../model/repeats.ts";
import { oddities } from "./checks.ts";
import { text as asText, type Context, evaluate, truth, type Value } from "./expression.ts";
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
  /** A village of the fictional area, where demo numbers are no oddity. */
  demo?: boolean;
  /** Fields the flow itself fills in (the household, the child); never asked. */
  preset: ReadonlySet<string>;
  /** The fields of a record this phone has; for formulas that look something up. */
  record?(type: string, id: string): Record<string, Value> | undefined;
}

export interface Finding {
  field: Field;
  /** The repeat the question stands in, and which of its entries. */
  within?: { repeat: Field; entry: string; place: number };
  kind: "missing" | "odd";
  /** As in server/forms/validate.py. */
  code: string;
  message: Label | null;
  /** The record means nothing without it; everything else may be left for a later visit. */
  hard: boolean;
}

/** Without these a record cannot be told from another, or not be placed. */
const IDENTITY = new Set(["name", "head_name", "grid_code"]);

function contextValue(field: Field, value: FormValue | undefined): Value {
  if (value === undefined) return "";
  if (typeof value !== "string") {
    if (isEntries(value)) return value.map((each) => each.entry);
    return value.map((item) => (typeof item === "string" ? item : item.number));
  }
  if (field.type === "date" || field.type === "month") return padded(value);
  return isNumber(field) && NUMBER.test(value) ? Number(value) : value;
}

const NUMBER = /^-?\d{1,15}(\.\d{1,9})?$/;
const PICTURE = /^[0-9a-f]{64}\.(jpg|webp)$/;
const RECORDING = /^[0-9a-f]{64}\.(webm|m4a|ogg)$/;
const WHOLE = /^-?\d{1,15}$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/;

const isNumber = ({ type }: Field) => ["integer", "decimal", "range"].includes(type);

/** A form as one entry of a repeat sees it: its own questions stand before those of the form. */
export function inside(type: RecordType, repeat: Field): RecordType {
  const own = repeat.fields ?? [];
  const names = new Set(own.map((field) => field.name));
  return { ...type, fields: [...type.fields.filter((field) => !names.has(field.name)), ...own] };
}

/**
 * The entries of a repeat, with as many empty ones as its count asks for beside those there are;
 * those are named by their place and get an id of their own with their first answer.
 */
export function entriesFor(
  field: Field,
  type: RecordType,
  values: FormValues,
  setting: Setting,
): RepeatEntry[] {
  const held = entriesOf(values[field.name]);
  const wanted = countOf(field, contextOf(type, values, setting));
  const missing = Math.max(0, (wanted ?? 0) - held.length);
  return [
    ...held,
    ...Array.from({ length: missing }, (_, at) => ({ entry: `${AHEAD}${at}`, values: {} })),
  ];
}

const MOST_ENTRIES = 200;
const AHEAD = "ahead-";
export const isAhead = ({ entry }: RepeatEntry): boolean => entry.startsWith(AHEAD);

/** How many entries a repeat is to have; null when whoever fills it in decides. */
export function countOf(field: Field, context: Context): number | null {
  if (field.count === null || field.count === undefined) return null;
  const count = Math.trunc(Number(evaluate(field.count, context)));
  return Number.isFinite(count) ? Math.min(Math.max(count, 0), MOST_ENTRIES) : 0;
}

/** Outside its repeat a question stands for the answers of all entries. */
function listed(
  repeat: Field,
  type: RecordType,
  values: FormValues,
  setting: Setting,
): Record<string, Value> {
  const views = entriesOf(values[repeat.name]).map(
    (each) =>
      contextOf(inside(type, repeat), { ...values, ...each.values, [repeat.name]: "" }, setting)
        .values,
  );
  return Object.fromEntries(
    (repeat.fields ?? []).map(({ name }) => [
      name,
      views.flatMap((view) => {
        const value = view[name] ?? "";
        return typeof value === "object" ? value : value === "" ? [] : [String(value)];
      }),
    ]),
  );
}

export function contextOf(type: RecordType, values: FormValues, setting: Setting): Context {
  const context: Context = {
    values: Object.fromEntries(
      type.fields.map((field) => [field.name, contextValue(field, values[field.name])]),
    ),
    today: dayOf(setting.now),
    now: setting.now,
    ...(setting.record && { record: setting.record }),
    label: (list, name) => choiceLabel(setting.programme, list, name, setting.language),
  };
  for (const field of type.fields) {
    if (field.type !== "repeat" || !isEntries(values[field.name])) continue;
    for (const [name, value] of Object.entries(listed(field, type, values, setting))) {
      if (!type.fields.some((each) => each.name === name)) context.values[name] = value;
    }
  }
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
  if (field.type === "hidden") return false;
  // A calculation is shown when the form gives it words of its own.
  if (field.type === "calculate" && [field.name, ""].includes(field.label.zh)) return false;
  if (/\bcontext\b/.test(field.appearance ?? "")) return false;
  return (
    setting.role !== "volunteer" ||
    type.kind === "event" ||
    (type.volunteer_edits ?? []).includes(field.name)
  );
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
  return questions(type, values, setting).flatMap((field) => {
    if (field.type !== "repeat") return findingsOf(field, type, values, context, setting);
    const form = inside(type, field);
    const own = new Set((field.fields ?? []).map((each) => each.name));
    return entriesFor(field, type, values, setting).flatMap((each, at) =>
      findings(
        { ...form, fields: form.fields.filter((other) => other.type !== "repeat") },
        { ...values, ...each.values },
        setting,
      )
        .filter((found) => own.has(found.field.name))
        .map((found) => ({
          ...found,
          within: { repeat: field, entry: each.entry, place: at + 1 },
        })),
    );
  });
}

function findingsOf(
  field: Field,
  type: RecordType,
  values: FormValues,
  context: Context,
  { programme, demo = false }: Setting,
): Finding[] {
  if (field.type === "note" || field.type === "calculate") return [];
  const value = values[field.name];
  const odd = (code: string, message: Label | null): Finding => {
    return { field, kind: "odd", code, message, hard: false };
  };
  if (value === undefined || isEmpty(value)) {
    if (!holds(field.required, context, false)) return [];
    const hard = type.kind === "event" || IDENTITY.has(field.name) || field.type === "ref";
    return [{ field, kind: "missing", code: "required", message: null, hard }];
  }
  if (isUnfinished(field, value)) return [odd("type", programme.messages?.[field.type] ?? null)];
  const found: Finding[] = [];
  const own: Context = { ...context, current: contextValue(field, value) };
  if (!holds(field.constraint, own, true)) found.push(odd("constraint", field.constraint_message));
  const codes = field.list ? programme.lists[field.list]?.map((choice) => choice.name) : null;
  for (const { code, words, about = "" } of oddities(field, value, values, codes ?? null, demo)) {
    const message = programme.messages?.[words];
    const filled = (said: string) => said.replace(/\{\w+\}/, () => about);
    found.push(odd(code, message ? { zh: filled(message.zh), en: filled(message.en) } : null));
  }
  return found;
}

/**
 * What is kept of a record when it is saved: what was typed, and what the form computes from it.
 * Computed fields of the programme are not among them; every reader computes those for itself.
 */
export function completed(type: RecordType, values: FormValues, setting: Setting): FormValues {
  const stored = (field: Field) =>
    field.type === "calculate" && !field.derived && field.calculation != null;
  const withCalculated = (form: RecordType, fields: readonly Field[], held: FormValues) => {
    const calculated = fields.filter(stored);
    if (calculated.length === 0) return {};
    const context = contextOf(form, held, setting);
    return Object.fromEntries(
      calculated.map(({ name }) => [name, asText(context.values[name] ?? "")]),
    );
  };
  const next: FormValues = { ...values, ...withCalculated(type, type.fields, values) };
  for (const field of type.fields) {
    if (field.type !== "repeat" || !values[field.name]) continue;
    const form = inside(type, field);
    next[field.name] = entriesOf(values[field.name]).map((each) => {
      const held = { ...values, ...each.values };
      return {
        ...each,
        values: { ...each.values, ...withCalculated(form, field.fields ?? [], held) },
      };
    });
  }
  return next;
}

/** An answer begun and not completed: a day no calendar has, a number with no digits. */
function isUnfinished(field: Field, value: FormValue | undefined): boolean {
  const said = String(value).trim();
  switch (field.type) {
    case "date":
      return !isDay(padded(said));
    case "month":
      return !isMonth(padded(said));
    case "time":
      return !TIME.test(said);
    case "datetime":
      return !isDay(said.slice(0, 10)) || said[10] !== "T" || !TIME.test(said.slice(11, 16));
    case "integer":
      return !WHOLE.test(said);
    case "decimal":
      return !NUMBER.test(said);
    case "range":
      return !NUMBER.test(said) || isOutside(field, Number(said));
    case "image":
      return !PICTURE.test(said);
    case "audio":
      return !RECORDING.test(said);
    default:
      return false;
  }
}

function isOutside({ range }: Field, number: number): boolean {
  if (!range) return false;
  const [low, high] = [Number(range.start), Number(range.end)].sort((a, b) => a - b);
  return number < (low ?? number) || number > (high ?? number);
}

/** Whether the form itself shuts a question against typing now. */
export function isReadonly(
  field: Field,
  type: RecordType,
  values: FormValues,
  setting: Setting,
): boolean {
  return (
    field.type === "calculate" || holds(field.readonly, contextOf(type, values, setting), false)
  );
}

/** What a question shows that nobody types: its calculation, or the answer it was given. */
export function shownOf(
  field: Field,
  type: RecordType,
  values: FormValues,
  setting: Setting,
): string {
  return asText(contextOf(type, values, setting).values[field.name] ?? "");
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

/** Of choices that are for some grades, those for this one; all of them where none is. */
export function forGrade(choices: readonly Choice[], grade: unknown): readonly Choice[] {
  const own = choices.filter(
    ({ grades }) => typeof grades === "string" && grades.split(" ").includes(String(grade)),
  );
  return own.length > 0 ? own : choices;
}
