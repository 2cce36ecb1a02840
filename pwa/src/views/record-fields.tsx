// The answers of one record, section by section, as the programme orders them. A field on which two
// people differ is marked 待核实 and shows what the others wrote.
import { findings } from "../forms/form.ts";
import { type Field, formOf, type RecordType } from "../forms/programme.ts";
import { toFormValues } from "../model/edits.ts";
import type { Row } from "../model/pending.ts";
import { language, programme, setting, text } from "../session.ts";
import { Tag } from "../ui/parts.tsx";
import { isFile, words } from "../ui/words.ts";
import { LaterPart } from "./later.tsx";

const HIDDEN_APPEARANCE = /\bcontext\b/;

/** Contested keys of one field: of the field itself, or of its elements and entries. */
export function othersOf(row: Row, field: Field): string[] {
  const found: string[] = [];
  for (const [key, values] of Object.entries(row.contested ?? {})) {
    if (key === field.name) {
      for (const value of values) found.push(words(field, value) || text.value.emptied);
    } else if (key.startsWith(`${field.name}/`)) {
      const part = key.slice(field.name.length + 1);
      for (const value of values) {
        if (typeof value === "boolean") {
          const element = words(field, [part]);
          found.push(value ? element : text.value.without(element));
        } else if (value !== null) {
          found.push(words(field, { [part]: value }));
        } else {
          found.push(text.value.emptied);
        }
      }
    }
  }
  return [...new Set(found)].filter(Boolean);
}

/** What is odd about a record's answers, by field, in words. */
function oddOf(row: Row, type: RecordType): Map<string, string> {
  const found = findings(type, toFormValues(type.fields, row.fields), setting());
  return new Map(
    found
      .filter(({ kind }) => kind === "odd")
      .map(({ field, within, message }) => [
        within?.repeat.name ?? field.name,
        message?.[language.value] ?? "",
      ]),
  );
}

export function FieldLine(props: { row: Row; field: Field; odd?: string | undefined }) {
  const { row, field, odd } = props;
  const t = text.value;
  const shown = words(field, row.fields[field.name]);
  const others = othersOf(row, field);
  if (!shown && others.length === 0) return null;
  return (
    <div class={others.length > 0 ? "field contested" : "field"}>
      <dt>{field.label[language.value]}</dt>
      <dd>
        {isFile(field) && shown ? (
          <LaterPart
            show={({ Attached }) => (
              <Attached name={String(row.fields[field.name])} label={shown} />
            )}
          />
        ) : (
          shown || t.emptied
        )}
        {others.length > 0 && (
          <>
            <Tag kind="look">{t.contested}</Tag>
            <small class="others">{t.others_wrote(others.join(t.or))}</small>
          </>
        )}
        {odd !== undefined && (
          <>
            <Tag kind="look">{t.looks_odd}</Tag>
            <small class="others">{odd}</small>
          </>
        )}
      </dd>
    </div>
  );
}

export function RecordFields(props: { row: Row; without?: readonly string[]; open?: boolean }) {
  const { row, without = [], open } = props;
  const type = formOf(programme.value, row.type, row.fields);
  if (!type) return null;
  const hidden = new Set(["household_id", "child_id", "name_pinyin", "present", ...without]);
  const odd = oddOf(row, type);
  const sections = type.sections
    .map((section) => ({
      ...section,
      fields: type.fields.filter(
        (field) =>
          field.section === section.name &&
          !hidden.has(field.name) &&
          !HIDDEN_APPEARANCE.test(field.appearance ?? "") &&
          (row.fields[field.name] !== undefined || othersOf(row, field).length > 0),
      ),
    }))
    .filter((section) => section.fields.length > 0);
  return (
    <>
      {sections.map((section, at) => (
        <details
          key={section.name}
          class="section"
          open={
            open ||
            at < 2 ||
            section.fields.some((field) => othersOf(row, field).length > 0 || odd.has(field.name))
          }
        >
          <summary>{section.label[language.value]}</summary>
          <dl class="fields">
            {section.fields.map((field) => (
              <FieldLine key={field.name} row={row} field={field} odd={odd.get(field.name)} />
            ))}
          </dl>
        </details>
      ))}
    </>
  );
}
