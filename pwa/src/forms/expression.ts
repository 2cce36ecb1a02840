// Runs the expression trees the server compiles from XLSForm cells. The same rules as
// server/forms/evaluate.py, held together by tests/vectors/expressions.json; that file's opening says
// what a value is and how it is compared. Change both or neither.
import { ageOn, isDay } from "../model/clock.ts";

export type Literal = string | number | boolean;
export type Expr = Literal | readonly [string, ...Expr[]];
export type Value = string | number | boolean | readonly string[];

export interface Context {
  values: Record<string, Value>;
  /** The value of the question itself: `.` */
  current?: Value;
  /** YYYY-MM-DD in the calendar of Asia/Shanghai. */
  today: string;
  /** Milliseconds since 1970. */
  now: number;
  /** The words of a list's code. */
  label(list: string, name: string): string;
  /** The place, from 1, of the repeat's entry the question stands in. */
  position?: number;
  /** The fields of a record, when this phone has it. */
  record?(type: string, id: string): Record<string, Value> | undefined;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const PLAIN = /^-?(\d+(\.\d*)?|\.\d+)$/;
const DAY_MS = 86_400_000;
const EIGHT_HOURS_MS = 8 * 3_600_000;
const FIRST_DAY = -719_162; // 0001-01-01, the first day both languages can hold
const LAST_DAY = 2_932_896; // 9999-12-31

/** The value of a tree; throws for an operation that is not known. */
export function evaluate(tree: Expr, context: Context): Value {
  const value = run(tree, context);
  if (typeof value === "number") return Number.isFinite(value) ? value + 0 : "";
  return value;
}

export function truth(value: Value): boolean {
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return value !== 0 && !Number.isNaN(value);
  return text(value).length > 0;
}

export function text(value: Value | null | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return Number.isFinite(value) ? written(value) : "";
  if (typeof value === "boolean") return value ? "true" : "false";
  return typeof value === "string" ? value : value.join(" ");
}

export function number(value: Value): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string" && DAY.test(value)) return days(value);
  const said = text(value).replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  if (PLAIN.test(said)) return Number(said);
  const at = said.indexOf("T");
  if (at >= 0) return days(said.slice(0, at)) + fraction(said.slice(at + 1));
  return said.includes(":") ? fraction(said) : days(said);
}

/** A number without exponent, as a person writes it. */
function written(value: number): string {
  const plain = String(value + 0);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(plain);
  if (!match) return plain;
  const [, sign, first, rest = "", exponent] = match;
  const digits = `${first}${rest}`;
  const point = 1 + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, "0")}`;
}

function days(said: string): number {
  const match = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/.exec(said);
  if (!match) return Number.NaN;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 1)];
  const instant = new Date(0);
  instant.setUTCFullYear(year, month - 1, day);
  const real = instant.getUTCMonth() === month - 1 && instant.getUTCDate() === day && year > 0;
  return real ? instant.getTime() / DAY_MS : Number.NaN;
}

function fraction(said: string): number {
  const match = /^(\d{2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?$/.exec(said);
  if (!match) return Number.NaN;
  const [hours, minutes, seconds] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  if (hours > 23 || minutes > 59 || seconds > 59) return Number.NaN;
  return (hours * 3600 + minutes * 60 + seconds) / 86_400;
}

function items(value: Value): readonly string[] {
  if (typeof value === "object") return value;
  return text(value).split(/\s+/).filter(Boolean);
}

function dayOf(value: Value): Date | null {
  // A text such as 2014.3 is no day, though it is a number.
  const found = typeof value === "string" && PLAIN.test(value) ? Number.NaN : number(value);
  if (!Number.isFinite(found) || found < FIRST_DAY || found > LAST_DAY) return null;
  return new Date(Math.floor(found) * DAY_MS);
}

const iso = (day: Date): string => day.toISOString().slice(0, 10);

function equal(one: Value, other: Value): boolean {
  const [left, right] = [one, other].map((each) => (Number.isNaN(each) ? "" : each)) as [
    Value,
    Value,
  ];
  if (typeof left === "boolean" || typeof right === "boolean") return truth(left) === truth(right);
  if (typeof left === "number" || typeof right === "number") return number(left) === number(right);
  return text(left) === text(right);
}

function substr(value: Value, start: Value, end?: Value): string {
  const said = [...text(value)];
  const from = number(start);
  const to = end === undefined ? said.length : number(end);
  if (Number.isNaN(from) || Number.isNaN(to)) return "";
  const [first, last] = [from, to].map((at) =>
    Math.trunc(at < 0 ? Math.max(at + said.length, 0) : at),
  );
  return said.slice(first, last).join("");
}

function round(value: Value, digits: Value = 0): number {
  const power = 10 ** Math.trunc(number(digits));
  return Math.floor(number(value) * power + 0.5) / power;
}

function formatDate(value: Value, pattern: Value): string {
  const day = dayOf(value);
  if (!day) return "";
  const at = number(value);
  const seconds = Math.floor((at - Math.floor(at)) * 86_400 + 0.5);
  const hours = Math.floor(seconds / 3600);
  const two = (part: number): string => String(part).padStart(2, "0");
  const parts: Record<string, string> = {
    "%Y": String(day.getUTCFullYear()).padStart(4, "0"),
    "%y": two(day.getUTCFullYear() % 100),
    "%m": two(day.getUTCMonth() + 1),
    "%n": String(day.getUTCMonth() + 1),
    "%d": two(day.getUTCDate()),
    "%e": String(day.getUTCDate()),
    "%H": two(hours),
    "%h": String(hours),
    "%M": two(Math.floor(seconds / 60) % 60),
    "%S": two(seconds % 60),
  };
  return text(pattern).replace(/%[YymndeHhMS]/g, (code) => parts[code] ?? code);
}

/** A place in a list: -1, where nothing is, for what is none. */
const whole = (place: number): number => (place >= 0 ? Math.trunc(place) : -1);

/** Whole exponents from -99 to 99, so that both languages come to the same number. */
function power(base: number, by: number): number {
  const fits = Number.isInteger(by) && Math.abs(by) <= 99 && Number.isFinite(base);
  if (!fits || (base === 0 && by < 0)) return Number.NaN;
  let raised = 1;
  for (let n = 0; n < Math.abs(by); n++) raised *= base;
  return by < 0 ? 1 / raised : raised;
}

/** Every value of the arguments, lists opened, empties left out. */
function numbers(values: readonly Value[]): number[] {
  return values.flatMap((value) => {
    if (typeof value === "object") return value.map(number);
    return text(value) === "" ? [] : [number(value)];
  });
}

function extreme(pick: (...found: number[]) => number, values: readonly Value[]): number {
  const found = numbers(values);
  return found.length === 0 ? Number.NaN : pick(...found);
}

/** 周岁: full years on the day. */
function age(birth: Value, on: Value): number {
  if (typeof birth === "string" && typeof on === "string" && isDay(birth) && isDay(on)) {
    return birth > on || birth < "0001" ? Number.NaN : (ageOn(birth, on) ?? Number.NaN);
  }
  const born = dayOf(birth);
  const day = dayOf(on);
  if (!born || !day || born > day) return Number.NaN;
  const years = day.getUTCFullYear() - born.getUTCFullYear();
  return iso(day).slice(5) < iso(born).slice(5) ? years - 1 : years;
}

function choiceName(value: Value, list: string, context: Context): string {
  const codes = typeof value === "object" ? value : text(value) ? [text(value)] : [];
  return codes.map((code) => context.label(list, code)).join("、");
}

function run(tree: Expr, context: Context): Value {
  if (typeof tree !== "object") return tree;
  if (tree === null) return "";
  // Run for every record of a long list: nothing is copied that need not be.
  const name = tree[0];
  const first = tree[1] ?? "";
  switch (name) {
    case "field":
      return context.values[String(first)] ?? "";
    case ".":
      return context.current ?? "";
    case "and":
      for (let at = 1; at < tree.length; at++) {
        if (!truth(run(tree[at] as Expr, context))) return false;
      }
      return true;
    case "or":
      for (let at = 1; at < tree.length; at++) {
        if (truth(run(tree[at] as Expr, context))) return true;
      }
      return false;
    case "if":
      return run((truth(run(first, context)) ? tree[2] : tree[3]) ?? "", context);
  }
  const values: Value[] = [];
  for (let at = 1; at < tree.length; at++) values.push(run(tree[at] as Expr, context));
  const operation = OPERATIONS[name];
  if (!operation) throw new Error(`no operation ${name}`);
  return operation(context, values[0] ?? "", values[1] ?? "", values);
}

type Operation = (context: Context, a: Value, b: Value, all: readonly Value[]) => Value;

const OPERATIONS: Record<string, Operation> = {
  "=": (_, a, b) => equal(a, b),
  "!=": (_, a, b) => !equal(a, b),
  "<": (_, a, b) => number(a) < number(b),
  "<=": (_, a, b) => number(a) <= number(b),
  ">": (_, a, b) => number(a) > number(b),
  ">=": (_, a, b) => number(a) >= number(b),
  "+": (_, a, b) => number(a) + number(b),
  "-": (_, a, b) => number(a) - number(b),
  "*": (_, a, b) => number(a) * number(b),
  div: (_, a, b) => (number(b) === 0 ? Number.NaN : number(a) / number(b)),
  mod: (_, a, b) => number(a) % number(b),
  neg: (_, a) => -number(a),
  not: (_, a) => !truth(a),
  coalesce: (_, _a, _b, all) => all.find((each) => text(each) !== "") ?? "",
  selected: (_, a, b) => items(a).includes(text(b)),
  "selected-at": (_, a, b) => items(a)[whole(number(b))] ?? "",
  "count-non-empty": (_, _a, _b, all) => all.filter((each) => text(each) !== "").length,
  join: (_, a, _b, all) =>
    all
      .slice(1)
      .flatMap((each) => (typeof each === "object" ? each : [text(each)]))
      .filter(Boolean)
      .join(text(a)),
  abs: (_, a) => Math.abs(number(a)),
  pow: (_, a, b) => power(number(a), number(b)),
  "count-selected": (_, a) => items(a).length,
  "string-length": (_, a) => [...text(a)].length,
  substr: (_, a, b, all) => substr(a, b, all[2]),
  concat: (_, _a, _b, all) => all.map(text).join(""),
  contains: (_, a, b) => text(a).includes(text(b)),
  "starts-with": (_, a, b) => text(a).startsWith(text(b)),
  regex: (_, a, b) => new RegExp(`^(?:${text(b)})$`, "u").test(text(a)),
  int: (_, a) => Math.trunc(number(a)),
  round: (_, a, _b, all) => round(a, all[1]),
  number: (_, a) => number(a),
  string: (_, a) => text(a),
  date: (_, a) => {
    const day = dayOf(a);
    return day ? iso(day) : "";
  },
  "format-date": (_, a, b) => formatDate(a, b),
  "decimal-date-time": (_, a) => number(a),
  count: (_, a) => items(a).length,
  sum: (_, _a, _b, all) => numbers(all).reduce((total, each) => total + each, 0),
  min: (_, _a, _b, all) => extreme(Math.min, all),
  max: (_, _a, _b, all) => extreme(Math.max, all),
  today: (context) => context.today,
  now: (context) => new Date(context.now + EIGHT_HOURS_MS).toISOString().replace("Z", "+08:00"),
  age: (context, a, _b, all) => age(a, all[1] ?? context.today),
  once: (context, a) => (text(context.current) ? (context.current ?? "") : a),
  uuid: () => crypto.randomUUID(),
  position: (context) => context.position || "",
  pulldata: (context, a, b, all) => {
    const id = text(all[2]);
    return id ? (context.record?.(text(a), id)?.[text(b)] ?? "") : "";
  },
  "choice-name": (context, a, b) => choiceName(a, text(b), context),
};
