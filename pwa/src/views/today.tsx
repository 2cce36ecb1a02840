// The first screen: which children are due for a visit, overdue first.
import { computed, signal } from "@preact/signals";
import { type Due, dueList } from "../due.ts";
import { daysBetween } from "../model/clock.ts";
import type { Row } from "../model/pending.ts";
import { device, drafts, programme, register, text, today } from "../session.ts";
import { Bar, Button, Empty, Fact, Note, Tag } from "../ui/parts.tsx";
import { ageWords, dayWords, householdOf, nameOf, placeOf, said } from "../ui/words.ts";
import { OtherRecords } from "./other-records.tsx";
import { ownForms, startVisit } from "./start.ts";

const PAGE = 20;
const shownRows = signal(PAGE);

const due = computed<Due<Row>[]>(() => {
  const rules = programme.value?.rules ?? [];
  const held = register.value;
  const children = held.of("child").filter((child) => {
    const state = String(child.fields.ward_status ?? "A");
    return !state.startsWith("X");
  });
  return dueList(children, held.of("visit"), rules, today.value).filter(
    (each) => each.state !== "later",
  );
});

/** A survey is done when somebody was met or nobody lives there any more; the office counts alike. */
const DONE = new Set(["V", "E", "M"]);

/** Households still to be called at, also those where nobody was home the last time. */
export const notSurveyed = computed(() => {
  const latest = new Map<unknown, Row>();
  for (const row of register.value.of("survey")) {
    const other = latest.get(row.fields.household_id);
    if (!other || surveyedAt(row) > surveyedAt(other)) latest.set(row.fields.household_id, row);
  }
  return register.value
    .of("household")
    .filter((row) => !DONE.has(String(latest.get(row.id)?.fields.result ?? "")));
});

/** When a survey was made: its day, and on one day the order of the ids, which hold the time. */
function surveyedAt(row: Row): string {
  return `${String(row.fields.occurred_on ?? "")} ${row.id}`;
}

export function Today() {
  const t = text.value;
  const all = due.value;
  const overdue = all.filter((each) => each.state === "overdue");
  const soon = all.filter((each) => each.state === "this_week");
  const list = all.slice(0, shownRows.value);
  const isVolunteer = device.value?.account.role === "volunteer";
  return (
    <>
      <Bar
        title={t.today}
        sub={`${device.value?.village.name ?? ""} · ${t.long_day(today.value)}`}
        onBack={null}
      />
      <main>
        <section class="facts" aria-label={t.facts}>
          <Fact number={overdue.length} words={t.overdue} />
          <Fact number={soon.length} words={t.due_this_week} />
          {!isVolunteer && <Fact number={notSurveyed.value.length} words={t.to_survey} />}
        </section>
        {drafts.value.length > 0 && (
          <Note kind="info" icon="draft">
            <a href="#/drafts">{t.drafts_waiting(drafts.value.length)}</a>
          </Note>
        )}
        {all.length === 0 ? (
          <Empty>
            {register.value.of("child").length === 0 ? t.no_children_here : t.nothing_due}
          </Empty>
        ) : (
          <>
            <h2>{t.to_visit}</h2>
            <ul class="list">
              {list.map((each) => (
                <DueRow key={each.child.id} due={each} />
              ))}
            </ul>
            {all.length > list.length && (
              <Button
                onClick={() => {
                  shownRows.value += PAGE;
                }}
              >
                {t.show_more(all.length - list.length)}
              </Button>
            )}
          </>
        )}
        <OtherRecords types={ownForms("village")} about={null} />
      </main>
    </>
  );
}

function DueRow({ due: { child, due_on, state, last_on } }: { due: Due<Row> }) {
  const t = text.value;
  const household = householdOf(child);
  const away = daysBetween(today.value, due_on);
  const risk = String(child.fields.risk_level ?? "");
  return (
    <li class={`due-row ${state}`}>
      <a class="due-who" href={`#/child/${child.id}`}>
        <strong>{nameOf(child)}</strong> <span>{ageWords(child)}</span>
        {(risk === "R" || risk === "O") && <Tag kind="danger">{said(child, "risk_level")}</Tag>}
        <small>
          {placeOf(household)}
          {household && ` · ${t.family_of(nameOf(household))}`}
        </small>
        <small class={state === "overdue" ? "late" : "soft"}>
          {away < 0 ? t.days_late(-away) : away === 0 ? t.due_today : t.due_in(away)}
          {" · "}
          {last_on ? t.last_visit(dayWords(last_on)) : t.never_visited}
        </small>
      </a>
      <Button
        kind="primary"
        icon="visit"
        small
        label={`${t.log_visit} ${nameOf(child)}`}
        onClick={() => void startVisit(child.id)}
      >
        {t.log_visit}
      </Button>
    </li>
  );
}
