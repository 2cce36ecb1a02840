// What is odd about one answer that is there: the same rules and codes as server/forms/validate.py, held
// together by tests/vectors/checks.json. The words come with the programme.
import type { FormValue, FormValues, ListEntry } from "../model/edits.ts";
import { DEMO_AREA, idNumberFacts, idNumberFault, isAreaCode, phoneKind } from "./numbers.ts";
import type { Field } from "./programme.ts";

export interface Odd {
  code: string;
  /** Key of the words in the programme's messages. */
  words: string;
  about?: string;
}

const LONGEST_TEXT = 4000;

/** Beside type and constraint, which the form's evaluator judges. */
export function oddities(
  field: Field,
  value: FormValue,
  values: FormValues,
  codes: readonly string[] | null,
  demo: boolean,
): Odd[] {
  const said = String(value);
  const found: Odd[] = [];
  const say = (code: string, words = code, about = "") => void found.push({ code, words, about });
  if (codes && field.type.startsWith("select_")) {
    for (const code of Array.isArray(value) ? (value as string[]) : [said]) {
      if (!codes.includes(code)) say("choice", "choice", code);
    }
  }
  if (field.type === "text" && [...said].length > LONGEST_TEXT) say("too_long");
  const appearance = (field.appearance ?? "").split(/\s+/);
  const phone = (number: string) => {
    const kind = phoneKind(number);
    if (kind === "short") say("phone_short", "phone_short", number);
    else if (!kind || (kind === "demo" && !demo)) say("phone", "phone", number);
  };
  if (appearance.includes("id-number")) {
    const fault = idNumberFault(said);
    const facts = idNumberFacts(said);
    if (fault) say("id_number", `id_${fault}`);
    if (facts && values.birth_date && values.birth_date !== facts[0]) {
      say("id_birth", "id_birth", facts[0]);
    }
    if (facts && /^[12]$/.test(String(values.sex)) && values.sex !== facts[1]) say("id_sex");
    if (facts && said.startsWith(DEMO_AREA) && !demo) say("id_demo");
  }
  if (appearance.includes("phone")) phone(said);
  if (appearance.includes("phones")) {
    for (const { number } of value as ListEntry[]) if (number.trim()) phone(number);
  }
  if (appearance.includes("grid") && !(isAreaCode(said.slice(0, 12)) && said.length === 14)) {
    say("area");
  }
  return found;
}
