// Whether a condition holds of a record, for lists of thousands of them.
import { type Context, type Expr, evaluate, truth, type Value } from "./expression.ts";

/** No condition holds of everything. */
export function holds(
  condition: Expr | null | undefined,
  fields: Readonly<Record<string, unknown>>,
  today: string,
): boolean {
  if (condition === null || condition === undefined) return true;
  const context: Context = { values: valuesOf(fields), today, now: 0, label: (_, name) => name };
  return truth(evaluate(condition, context));
}

const isPlain = (value: unknown): boolean => typeof value !== "object" && value !== undefined;

type Values = Record<string, Value>;

const valued = new WeakMap<object, Values>();

/** A record's fields as an expression sees them, for all rules that ask. */
function valuesOf(fields: Readonly<Record<string, unknown>>): Values {
  let values = valued.get(fields);
  if (!values) {
    values = Object.values(fields).every(isPlain) ? (fields as Values) : readable(fields);
    valued.set(fields, values);
  }
  return values;
}

/** The entries of a list field by their number. */
function readable(fields: Readonly<Record<string, unknown>>): Values {
  const values: Values = {};
  for (const [name, value] of Object.entries(fields)) {
    if (Array.isArray(value)) values[name] = value.map(String);
    else if (typeof value === "object" && value !== null) {
      values[name] = Object.values(value).map((entry) => String(entry?.number ?? ""));
    } else if (value !== null && value !== undefined) values[name] = value as Value;
  }
  return values;
}
