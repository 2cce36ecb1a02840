// What happened at a door or with a child, newest first. A corrected record stays, struck through.
import { computed, signal } from "@preact/signals";
import { formOf } from "../forms/programme.ts";
import type { Row } from "../model/pending.ts";
import { device, language, programme, register, text } from "../session.ts";
import { Icon } from "../ui/icon.tsx";
import { Bar, Button, Empty, Link, Tag } from "../ui/parts.tsx";
import { dayWords, nameOf, said } from "../ui/words.ts";
import { OtherRecords } from "./other-records.tsx";
import { RecordFields } from "./record-fields.tsx";
import { eventsAbout, startCorrection } from "./start.ts";

const events = computed(() =>
  Object.values(programme.value?.types ?? {})
    .filter((type) => type.kind === "event")
    .map((type) => type.name),
);
const SHOWN = 6;
const GIST = 3;
const openAll = signal("");

function eventsOf(subject: Row): Row[] {
  const field = subject.type === "household" ? "household_id" : "child_id";
  const own = events.value.flatMap((type) => [
    ...register.value.by(type, field, subject.id),
    ...(field === "child_id" ? register.value.by(type, "person_id", subject.id) : []),
  ]);
  // What only takes another back has nothing to tell: that other one is struck through.
  const told = own.filter(({ fields }) => fields.occurred_on || !fields.corrects_id);
  return told.sort(
    (a, b) =>
      String(b.fields.occurred_on).localeCompare(String(a.fields.occurred_on)) ||
      b.id.localeCompare(a.id),
  );
}

/** Fields that tell what an event was: what was chosen, then what was written. */
function gistFields(event: Row): string[] {
  const fields = (formOf(programme.value, event.type, event.fields)?.fields ?? []).filter(
    (field) =>
      field.ref == null &&
      !field.derived &&
      field.appearance !== "context" &&
      !["date", "time"].includes(field.type),
  );
  const chosen = fields.filter((field) => field.list);
  return [...chosen, ...fields.filter((field) => !field.list)].map((field) => field.name);
}

function gist(event: Row): string {
  if (event.type === "survey") return said(event, "result");
  if (event.type === "visit") {
    return [said(event, "visit_kind"), said(event, "met"), said(event, "problem_kinds")]
      .filter(Boolean)
      .join(" · ");
  }
  return gistFields(event)
    .map((name) => said(event, name))
    .filter(Boolean)
    .slice(0, GIST)
    .join(" · ");
}

export function Timeline({ subject }: { subject: Row }) {
  const t = text.value;
  const all = eventsOf(subject);
  const list = openAll.value === subject.id ? all : all.slice(0, SHOWN);
  return (
    <section>
      <h2>{t.timeline}</h2>
      {all.length === 0 && <Empty>{t.no_events}</Empty>}
      <ol class="timeline">
        {list.map((event) => (
          <EventLine key={event.id} event={event} withChild={subject.type === "household"} />
        ))}
      </ol>
      {all.length > list.length && (
        <Button
          onClick={() => {
            openAll.value = subject.id;
          }}
        >
          {t.show_more(all.length - list.length)}
        </Button>
      )}
    </section>
  );
}

function EventLine({ event, withChild }: { event: Row; withChild: boolean }) {
  const t = text.value;
  const label = programme.value?.types[event.type]?.label[language.value] ?? event.type;
  const isCorrected = register.value.isCorrected(event.id);
  const child = withChild ? register.value.get(event.fields.child_id) : undefined;
  return (
    <li class={isCorrected ? "struck" : ""}>
      <a class="event" href={`#/event/${event.id}`}>
        <time dateTime={String(event.fields.occurred_on ?? "")}>
          {dayWords(String(event.fields.occurred_on ?? ""))}
        </time>
        <span class="event-what">
          <strong>
            <Icon name={event.type === "survey" ? "survey" : "visit"} />
            {label}
            {child && ` · ${nameOf(child)}`}
          </strong>
          <small>{gist(event)}</small>
          <small class="soft">{String(event.fields.recorded_by ?? "")}</small>
        </span>
        {isCorrected && <Tag>{t.corrected}</Tag>}
        {event.pending && <Tag kind="look">{t.unsent}</Tag>}
      </a>
    </li>
  );
}

export function EventPage({ id }: { id: string }) {
  const t = text.value;
  const event = register.value.get(id);
  if (!event) return <Missing />;
  const label = programme.value?.types[event.type]?.label[language.value] ?? "";
  const { child_id: child, person_id: person, household_id: home } = event.fields;
  const about = register.value.get(child ?? person ?? home);
  return (
    <>
      <Bar title={label} sub={nameOf(about)} />
      <main>
        {register.value.isCorrected(id) && <Tag>{t.corrected}</Tag>}
        <RecordFields row={event} open />
        <Steps event={event} />
        <Button icon="edit" onClick={() => startCorrection(event, `/event/${event.id}`)}>
          {t.correct_this}
        </Button>
        {mayMove(event) && (
          <Link to={`/move/${id}`} icon="people">
            {t.move_event}
          </Link>
        )}
        <p class="soft">{t.correct_hint}</p>
      </main>
    </>
  );
}

/** What followed: the steps of a help request, and the next one. */
function Steps({ event }: { event: Row }) {
  const t = text.value;
  const types = eventsAbout(event.type);
  const steps = types.flatMap(({ name }) => [
    ...register.value.by(name, `${event.type}_id`, event.id),
  ]);
  return (
    <>
      {steps.length > 0 && <h2>{t.timeline}</h2>}
      <ol class="timeline">
        {steps.map((step) => (
          <EventLine key={step.id} event={step} withChild={false} />
        ))}
      </ol>
      <OtherRecords types={types} about={event} />
    </>
  );
}

/** Who wrote something down may say that it belongs to another child; others ask the office. */
export function mayMove(event: Row): boolean {
  const { recorded_by: author, child_id: child } = event.fields;
  return (
    child !== undefined &&
    !register.value.isCorrected(event.id) &&
    (author === undefined ? event.pending === true : author === device.value?.account.name)
  );
}

export function Missing() {
  const t = text.value;
  return (
    <>
      <Bar title={t.not_on_phone} />
      <main>
        <Empty>{t.not_on_phone_why}</Empty>
      </main>
    </>
  );
}
