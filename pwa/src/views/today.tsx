// The first screen: which children are due for a visit, overdue first.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { comingUp, isAbsent, latestBy } from "../coming.ts";
import { type Due, dueList } from "../due.ts";
import { ageOn, daysBetween } from "../model/clock.ts";
import type { Row } from "../model/pending.ts";
import {
  device,
  drafts,
  language,
  programme,
  recordsOf,
  register,
  text,
  today,
} from "../session.ts";
import { Icon } from "../ui/icon.tsx";
import { Bar, Button, Empty, Fact, Note, Tag } from "../ui/parts.tsx";
import { ageWords, dayWords, householdOf, nameOf, placeOf, said } from "../ui/words.ts";
import { workedOut } from "../worked-out.ts";
import { OtherRecords } from "./other-records.tsx";
import { eventsAbout, ownForms, startEvent, startSurvey, startVisit } from "./start.ts";

const PAGE = 20;
const NO_CALENDAR = { festivals: [], seasons: {} };
const shownRows = signal(PAGE);

const active = workedOut(() =>
  recordsOf("child").filter((child) => !String(child.fields.ward_status ?? "A").startsWith("X")),
);

const due = workedOut<Due<Row>[]>(() => {
  const { rules = [], calendar = NO_CALENDAR, types = {} } = programme.value ?? {};
  const role = device.value?.account.role ?? "";
  const mine = rules.filter((rule) => types[rule.events?.[0] ?? ""]?.writers?.includes(role));
  const held = (type: string) => (type === "child" ? active.value : recordsOf(type));
  return dueList(held, mine, calendar, today.value).filter((each) => each.state !== "later");
});

/** A survey is done when somebody was met or nobody lives there any more; the office counts alike. */
const DONE = new Set(["V", "E", "M"]);

const surveys = workedOut(() => latestBy(recordsOf("survey"), "household_id"));
const visits = workedOut(() => latestBy(recordsOf("visit"), "child_id"));

/** Households still to be called at, also those where nobody was home the last time. */
export const notSurveyed = workedOut(() =>
  recordsOf("household").filter(
    (row) => !DONE.has(String(surveys.value.get(row.id)?.fields.result ?? "")),
  ),
);

/** Doors where nobody was met the last time, beside those on the due list. */
const again = workedOut<Row[]>(() => {
  const listed = new Set(due.value.map(({ subject }) => subject.id));
  return [
    ...recordsOf("household").filter((row) => isAbsent(surveys.value.get(row.id))),
    ...recordsOf("child").filter(
      (row) => isAbsent(visits.value.get(row.id)) && !listed.has(row.id),
    ),
  ];
});

const coming = workedOut(() => comingUp(active.value, recordsOf("parent_link"), today.value));

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
                <DueRow key={`${each.subject.id} ${each.rule}`} due={each} />
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
        {again.value.length > 0 && (
          <>
            <h2>{t.again}</h2>
            <Pages
              rows={again.value}
              line={(row) => (
                <Line key={row.id} row={row} small={placeOf(homeOf(row))}>
                  <Tag kind="due">{t.not_met}</Tag>
                </Line>
              )}
            />
          </>
        )}
        {coming.value.length > 0 && (
          <>
            <h2>{t.coming}</h2>
            <Pages
              rows={coming.value}
              line={({ row, kind, on }) => {
                const child = kind === "home" ? register.value.get(row.fields.child_id) : row;
                const small =
                  kind === "home"
                    ? t.comes_home(said(row, "relation"), dayWords(on))
                    : t.birthday(dayWords(on), ageOn(String(row.fields.birth_date), on) ?? 0);
                return child && <Line key={row.id} row={child} small={small} />;
              }}
            />
          </>
        )}
        <OtherRecords types={[...eventsAbout("village"), ...ownForms("village")]} about={null} />
      </main>
    </>
  );
}

/** A list that shows so many rows at first, and more when asked. */
function Pages<T>({ rows, line }: { rows: readonly T[]; line: (row: T) => ComponentChildren }) {
  const [shown, setShown] = useState(PAGE);
  return (
    <>
      <ul class="list">{rows.slice(0, shown).map(line)}</ul>
      {rows.length > shown && (
        <Button onClick={() => setShown(shown + PAGE)}>
          {text.value.show_more(rows.length - shown)}
        </Button>
      )}
    </>
  );
}

const homeOf = (row: Row) => (row.type === "household" ? row : householdOf(row));

function Line(props: { row: Row; small: string; children?: ComponentChildren }) {
  const { row, small, children } = props;
  const isHome = row.type === "household";
  return (
    <li>
      <a class="row" href={`#/${row.type}/${row.id}`}>
        <span class="row-main">
          <strong>{isHome ? text.value.family_of(nameOf(row)) : nameOf(row)}</strong>
          <small>{small}</small>
        </span>
        {children}
        <Icon name="more" />
      </a>
    </li>
  );
}

/** Of a place there is no page: what is due there is begun from here. */
const pageOf = ({ type, id }: Row): { href: string } | Record<string, never> =>
  type === "child" || type === "household" ? { href: `#/${type}/${id}` } : {};

function DueRow({ due: { subject, due_on, state, last_on, rule: name } }: { due: Due<Row> }) {
  const t = text.value;
  const rule = programme.value?.rules.find((each) => each.name === name);
  const event = programme.value?.types[rule?.events[0] ?? "visit"];
  const child = register.value.get(subject.fields.child_id) ?? subject;
  const isVisit = event?.name === "visit";
  const household = householdOf(child);
  const away = daysBetween(today.value, due_on);
  const risk = String(child.fields.risk_level ?? "");
  const last = last_on && dayWords(last_on);
  const before = isVisit ? (last ? t.last_visit(last) : t.never_visited) : last;
  return (
    <li class={`due-row ${state}`}>
      <a class="due-who" {...pageOf(child)}>
        <strong>{nameOf(child)}</strong> <span>{ageWords(child)}</span>
        {(risk === "R" || risk === "O") && <Tag kind="danger">{said(child, "risk_level")}</Tag>}
        <small>
          {placeOf(household)}
          {household && ` · ${t.family_of(nameOf(household))}`}
        </small>
        {name !== "visit_by_risk" && <small>{rule?.label[language.value]}</small>}
        <small class={state === "overdue" ? "late" : "soft"}>
          {away < 0 ? t.days_late(-away) : away === 0 ? t.due_today : t.due_in(away)}
          {before && ` · ${before}`}
        </small>
      </a>
      <Button
        kind="primary"
        icon="visit"
        small
        label={`${isVisit ? t.log_visit : event?.label[language.value]} ${nameOf(child)}`}
        onClick={() => {
          if (isVisit || !event) return startVisit(child.id);
          if (event.name === "survey") return startSurvey(homeOf(child) ?? null);
          return startEvent(event, subject, "/today");
        }}
      >
        {isVisit ? t.log_visit : event?.label[language.value]}
      </Button>
    </li>
  );
}
