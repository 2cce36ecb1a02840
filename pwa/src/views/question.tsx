// One question of a form: its words, its answer, and beside it what is odd about the answer.
import type { Flow, Part } from "../forms/flow.ts";
import {
  choicesOf,
  type Finding,
  forGrade,
  isReadonly,
  type Setting,
  shownOf,
} from "../forms/form.ts";
import { type Field, formOf, type RecordType } from "../forms/programme.ts";
import type { FormValue, ListEntry } from "../model/edits.ts";
import { device, language, programme, register, text } from "../session.ts";
import { Tag } from "../ui/parts.tsx";
import { gridName, ownGrids, words } from "../ui/words.ts";
import { Barcode } from "./inputs/barcode.tsx";
import { Many, One } from "./inputs/choice.tsx";
import { Day } from "./inputs/day.tsx";
import { Location } from "./inputs/location.tsx";
import { Phones } from "./inputs/phones.tsx";
import { digitsOf, Range } from "./inputs/range.tsx";
import { nearby, Reference } from "./inputs/reference.tsx";
import { Repeat } from "./inputs/repeat.tsx";
import { LaterPart } from "./later.tsx";
import { othersOf } from "./record-fields.tsx";

const MULTILINE = new Set(["action", "needs", "note"]);
const DECIDED_BY_OFFICE = new Set(["hold", "severe"]);
/** As in server/programme/roles.md, the line "settle". */
const SETTLING_ROLES = new Set(["official", "clerk"]);
const BY_HEART = new Set(["name", "head_name"]);

export interface QuestionProps {
  field: Field;
  type: RecordType;
  part: Part;
  flow: Flow;
  setting: Setting;
  finding: Finding | undefined;
  onChange: (value: FormValue) => void;
  /** Null where no new person can be begun. */
  onNewPerson: ((field: string) => void) | null;
}

export function Question(props: QuestionProps) {
  const { field, part, finding, setting } = props;
  const lang = language.value;
  const t = text.value;
  const id = `q-${field.name}`;
  const isGroup = !isTyped(field);
  const row = part.is_new ? undefined : register.value.get(part.id);
  const others = row ? othersOf(row, field) : [];
  const problem = finding
    ? finding.kind === "missing"
      ? t.please_answer
      : (finding.message?.[lang] ??
        (field.type === "date" || field.type === "month" ? t.day_odd : t.looks_odd))
    : "";
  if (field.type === "note") return <p class="form-note">{field.label[lang]}</p>;
  const isRequired =
    field.required !== null && field.required !== false && field.required !== undefined;
  const label = (
    <>
      {field.label[lang]}
      {isRequired && (
        <span class="must" title={t.required}>
          {" "}
          <span aria-hidden="true">＊</span>
        </span>
      )}
    </>
  );
  return (
    <div class={problem ? "question wrong" : "question"} id={`box-${field.name}`}>
      {isGroup ? (
        <p class="ask" id={`${id}-label`}>
          {label}
        </p>
      ) : (
        <label class="ask" id={`${id}-label`} for={id}>
          {label}
        </label>
      )}
      {field.hint && <p class="hint">{field.hint[lang]}</p>}
      {others.length > 0 && (
        <div class="others">
          <p>
            <Tag kind="look">{t.contested}</Tag> {t.others_wrote(others.join(t.or))}
          </p>
          {DECIDED_BY_OFFICE.has(field.policy) && !maySettle() && <p>{t.office_decides}</p>}
        </div>
      )}
      <Answer {...props} id={id} setting={setting} />
      <p class="problem" id={`${id}-problem`} aria-live="polite">
        {problem}
      </p>
    </div>
  );
}

/** Whether an own answer settles such a field, or only stands beside the others (PROTOCOL §5). */
function maySettle(): boolean {
  return SETTLING_ROLES.has(device.value?.account.role ?? "");
}

function isTyped(field: Field): boolean {
  return (
    ["text", "integer", "decimal", "time", "barcode"].includes(field.type) &&
    field.ref == null &&
    field.appearance !== "grid"
  );
}

function Answer(props: QuestionProps & { id: string }) {
  const { field, type, part, flow, setting, finding, onChange, onNewPerson, id } = props;
  const value = part.now[field.name];
  const plain = typeof value === "string" ? value : "";
  const labelledBy = `${id}-label`;
  const isOdd = finding !== undefined;

  if (isReadonly(field, type, part.now, setting)) {
    const shown = shownOf(field, type, part.now, setting);
    const value = field.type === "select_multiple" ? shown.split(" ").filter(Boolean) : shown;
    return (
      <output id={id} class="shown" aria-labelledby={labelledBy}>
        {words(field, value) || "—"}
      </output>
    );
  }
  if (field.appearance === "grid") {
    const choices = [...new Set([...ownGrids(), ...(plain ? [plain] : [])])].sort().map((code) => ({
      name: code,
      label: { zh: gridName(code), en: gridName(code) },
    }));
    return (
      <One name={id} choices={choices} value={plain} labelledBy={labelledBy} onChange={onChange} />
    );
  }
  if (field.type === "ref" || field.ref != null) {
    const target = field.ref ?? "person";
    const child = flow.parts.find((each) => each.id === part.now.child_id);
    const household =
      flow.household ??
      String(
        child?.now.household_id ??
          register.value.get(part.now.child_id)?.fields.household_id ??
          part.now.household_id ??
          "",
      );
    return (
      <Reference
        name={id}
        type={target}
        value={plain}
        near={nearby(target, household || null, flow.parts)}
        labelledBy={labelledBy}
        onChange={onChange}
        onNew={target === "person" && onNewPerson ? () => onNewPerson(field.name) : null}
      />
    );
  }
  switch (field.type) {
    case "select_one":
      return (
        <One
          name={id}
          choices={choicesOf(field, type, part.now, setting)}
          value={plain}
          labelledBy={labelledBy}
          onChange={onChange}
        />
      );
    case "select_multiple":
      return (
        <Many
          name={id}
          choices={forGrade(
            choicesOf(field, type, part.now, setting),
            register.value.get(part.now.child_id)?.fields.grade,
          )}
          value={Array.isArray(value) ? (value as string[]) : []}
          labelledBy={labelledBy}
          onChange={onChange}
        />
      );
    case "acknowledge":
      return (
        <Many
          name={id}
          choices={[{ name: "OK", label: { zh: "已告知", en: "Told" } }]}
          value={plain ? [plain] : []}
          labelledBy={labelledBy}
          onChange={(next) => onChange(next[0] ?? "")}
        />
      );
    case "list":
      return (
        <Phones
          id={id}
          value={Array.isArray(value) ? (value as ListEntry[]) : []}
          labelledBy={labelledBy}
          onChange={onChange}
        />
      );
    case "repeat":
      return <Repeat {...props} labelledBy={labelledBy} />;
    case "geopoint":
      return <Location value={plain} labelledBy={labelledBy} onChange={onChange} />;
    case "image":
      return (
        <LaterPart
          show={({ Picture }) => (
            <Picture value={plain} part={part} flow={flow} {...{ labelledBy, onChange }} />
          )}
        />
      );
    case "audio":
      return (
        <LaterPart show={({ Sound }) => <Sound value={plain} {...{ labelledBy, onChange }} />} />
      );
    case "barcode":
      return <Barcode id={id} value={plain} onChange={onChange} />;
    case "range":
      return (
        <Range
          id={id}
          range={field.range ?? { start: 0, end: 10, step: 1 }}
          value={plain}
          labelledBy={labelledBy}
          isOdd={isOdd}
          onChange={onChange}
        />
      );
    case "datetime": {
      const [day = "", time = ""] = plain.split("T");
      const join = (on: string, at: string) => onChange(on || at ? `${on}T${at}` : "");
      return (
        <>
          <Day
            id={id}
            value={day}
            labelledBy={labelledBy}
            describedBy={`${id}-problem`}
            monthOnly={false}
            near="none"
            isOdd={isOdd}
            onChange={(on) => join(on, time)}
          />
          <input
            class="input w6"
            type="time"
            aria-label={text.value.time_of_day}
            value={time.slice(0, 5)}
            onInput={(event) => join(day, event.currentTarget.value)}
          />
        </>
      );
    }
    case "date":
    case "month":
      return (
        <Day
          id={id}
          value={plain}
          labelledBy={labelledBy}
          describedBy={`${id}-problem`}
          monthOnly={field.type === "month"}
          near={nearOf(field.name)}
          isOdd={isOdd}
          onChange={onChange}
        />
      );
    default:
      return <Typed {...props} value={plain} isOdd={isOdd} />;
  }
}

function nearOf(name: string): "past" | "future" | "none" {
  if (name === "occurred_on") return "past";
  return name.startsWith("next_") ? "future" : "none";
}

function Typed(props: QuestionProps & { id: string; value: string; isOdd: boolean }) {
  const { field, id, value, isOdd, onChange } = props;
  const common = {
    id,
    value,
    autocomplete: "off",
    spellcheck: false,
    "aria-invalid": isOdd,
    "aria-describedby": `${id}-problem`,
  } as const;
  if (MULTILINE.has(field.name) || (field.appearance ?? "").includes("multiline")) {
    return (
      <textarea
        {...common}
        class="input"
        rows={3}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  if (field.type === "integer") {
    const number = Number(value) || 0;
    return (
      <div class="stepper">
        <button
          type="button"
          class="button"
          aria-label={text.value.one_less}
          onClick={() => onChange(String(Math.max(0, number - 1)))}
        >
          −
        </button>
        <input
          {...common}
          class="input w4"
          inputMode="numeric"
          onInput={(event) =>
            onChange(event.currentTarget.value.normalize("NFKC").replace(/[^\d-]/g, ""))
          }
        />
        <button
          type="button"
          class="button"
          aria-label={text.value.one_more}
          onClick={() => onChange(String(number + 1))}
        >
          ＋
        </button>
      </div>
    );
  }
  return (
    <input
      {...common}
      class={BY_HEART.has(field.name) ? "input large" : "input"}
      {...({ type: field.type === "time" ? "time" : "text" } as { type: "text" })}
      inputMode={
        field.type === "decimal" ? "decimal" : field.appearance === "phone" ? "tel" : "text"
      }
      autocapitalize="off"
      onInput={(event) => {
        const typed = event.currentTarget.value;
        onChange(field.type === "decimal" ? digitsOf(typed) : typed);
      }}
    />
  );
}

export function typeOf(part: Part): RecordType | undefined {
  return formOf(programme.value, part.type, part.now);
}
