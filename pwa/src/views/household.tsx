// One household: who lives there, what happened, what to do now.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { dayOf, uuid7 } from "../model/clock.ts";
import type { Row } from "../model/pending.ts";
import { freshPart, language, programme, register, saveFlow, text } from "../session.ts";
import { Bar, Button, Empty, Link, Note, STAY, Tag } from "../ui/parts.tsx";
import { nameOf, placeOf } from "../ui/words.ts";
import { Calls } from "./card.tsx";
import { OtherRecords } from "./other-records.tsx";
import { RecordFields } from "./record-fields.tsx";
import { RecordRow } from "./record-row.tsx";
import {
  mayEdit,
  maySurvey,
  ownForms,
  startEdit,
  startRecord,
  startSurvey,
  startVisit,
} from "./start.ts";
import { Missing, Timeline } from "./timeline.tsx";

/** The household at whose door nobody was met, while the person confirms it. */
const nobodyHome = signal<string | null>(null);

async function saveResult(household: Row, result: string, words: string): Promise<void> {
  const part = freshPart("survey", {
    household_id: household.id,
    result,
    occurred_on: dayOf(Date.now()),
  });
  await saveFlow(
    {
      id: uuid7(),
      kind: "record",
      household: household.id,
      parts: [part],
      at: part.id,
      section: 0,
      trail: [],
      touched: true,
      from: `/household/${household.id}`,
    },
    words,
  );
  nobodyHome.value = null;
}

export function Household({ id }: { id: string }) {
  const t = text.value;
  const row = register.value.get(id);
  if (!row) return <Missing />;
  const held = register.value;
  const adults = held.by("person", "household_id", id);
  const children = held.by("child", "household_id", id);
  const phones = adults.filter((adult) => adult.fields.phones);
  return (
    <>
      <Bar title={t.family_of(nameOf(row))} sub={placeOf(row)} />
      <main>
        <section class="card">
          {typeof row.fields.address === "string" && <p class="address">{row.fields.address}</p>}
          {typeof row.fields.location_hint === "string" && (
            <p class="soft">{row.fields.location_hint}</p>
          )}
          {phones.map((adult) => (
            <Calls key={adult.id} person={adult} words={nameOf(adult)} />
          ))}
          {row.pending && <Tag kind="look">{t.unsent}</Tag>}
        </section>

        <div class="actions">
          {children.length > 0 && <VisitButtons rows={children} />}
          {maySurvey() && (
            <>
              <Button icon="survey" onClick={() => startSurvey(row)}>
                {t.survey}
              </Button>
              <Button
                icon="away"
                onClick={() => {
                  nobodyHome.value = id;
                }}
              >
                {t.nobody_home}
              </Button>
            </>
          )}
        </div>
        {nobodyHome.value === id && <Results row={row} />}
        <OtherRecords types={ownForms("household", row)} about={row} />

        <h2>{t.members}</h2>
        {adults.length + children.length === 0 && <Empty>{t.no_members}</Empty>}
        <ul class="list">
          {[...children, ...adults].map((person) => (
            <li key={person.id}>
              <RecordRow row={person} atHome />
            </li>
          ))}
        </ul>
        {maySurvey() && (
          <div class="actions">
            {(["child", "person"] as const).map((type) => (
              <Button
                key={type}
                icon="add"
                onClick={() =>
                  startRecord(
                    freshPart(type, { household_id: id }),
                    type === "child" ? t.add_child : t.add_adult,
                    `/household/${id}`,
                  )
                }
              >
                {type === "child" ? t.add_child : t.add_adult}
              </Button>
            ))}
          </div>
        )}

        <h2>{t.about_household}</h2>
        <RecordFields row={row} />
        {mayEdit("household") && (
          <Button icon="edit" onClick={() => startEdit(row, `/household/${id}`)}>
            {t.edit_household}
          </Button>
        )}
        {maySurvey() && adults.length + children.length > 0 && (
          <div class="actions">
            <Link to={`/split/${id}`} icon="people">
              {t.split}
            </Link>
            <Link to={`/join/${id}`} icon="house">
              {t.join}
            </Link>
          </div>
        )}
        <Timeline subject={row} />
      </main>
    </>
  );
}

function VisitButtons({ rows }: { rows: readonly Row[] }) {
  const t = text.value;
  return (
    <>
      {rows.map((child) => (
        <Button key={child.id} kind="primary" icon="visit" onClick={() => startVisit(child.id)}>
          {rows.length === 1 ? t.log_visit : t.log_visit_to(nameOf(child))}
        </Button>
      ))}
    </>
  );
}

/** Nobody home, refused, empty, moved away: one more tap and it is saved. */
function Results({ row }: { row: Row }) {
  const t = text.value;
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    card.current?.scrollIntoView({ block: "nearest" });
    card.current?.querySelector("button")?.focus(STAY);
  }, []);
  const results = programme.value?.lists.survey_result ?? [];
  return (
    <section ref={card} class="card" role="group" aria-label={t.survey_result}>
      <h2>{t.survey_result}</h2>
      <Note kind="info">{t.result_saves_at_once}</Note>
      <div class="choices">
        {results
          .filter((choice) => choice.name !== "V")
          .map((choice) => (
            <Button
              key={choice.name}
              icon="check"
              onClick={() =>
                saveResult(
                  row,
                  choice.name,
                  t.named_value(t.family_of(nameOf(row)), choice.label[language.value]),
                ).catch(() => undefined)
              }
            >
              {choice.label[language.value]}
            </Button>
          ))}
      </div>
      <Button
        kind="quiet"
        onClick={() => {
          nobodyHome.value = null;
        }}
      >
        {t.cancel}
      </Button>
    </section>
  );
}
