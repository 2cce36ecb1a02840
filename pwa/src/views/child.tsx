// A child's page: the contact card, then the file, who cares, who helps, what happened. And the page
// of an adult.
import type { Row } from "../model/pending.ts";
import { freshPart, register, text } from "../session.ts";
import { Bar, Button, Empty, Tag } from "../ui/parts.tsx";
import { ageWords, dayWords, householdOf, nameOf, placeOf, said } from "../ui/words.ts";
import { Calls, ContactCard, guardianships, parentLinks } from "./card.tsx";
import { OtherRecords } from "./other-records.tsx";
import { RecordFields } from "./record-fields.tsx";
import {
  eventsAbout,
  mayEdit,
  maySurvey,
  mayWrite,
  ownForms,
  startEdit,
  startRecord,
  startVisit,
} from "./start.ts";
import { Missing, Timeline } from "./timeline.tsx";

export function Child({ id }: { id: string }) {
  const t = text.value;
  const child = register.value.get(id);
  if (child?.type !== "child") return <Missing />;
  const here = `/child/${id}`;
  return (
    <>
      <Bar title={nameOf(child)} sub={String(child.fields.file_no ?? t.file_no_later)} />
      <main>
        <ContactCard child={child} />
        <div class="actions">
          <Button kind="primary" icon="visit" onClick={() => startVisit(id)}>
            {t.log_visit}
          </Button>
          {mayEdit("child") && (
            <Button icon="edit" onClick={() => startEdit(child, here)}>
              {t.edit_file}
            </Button>
          )}
        </div>

        <OtherRecords
          types={[...eventsAbout("child"), ...ownForms("child", child)]}
          about={child}
        />

        <h2>{t.parents}</h2>
        <Links
          rows={parentLinks(child)}
          person="parent_id"
          words={(link) => [said(link, "away"), said(link, "work_area_code")]}
          here={here}
        />
        {maySurvey() && (
          <Button
            icon="add"
            onClick={() =>
              startRecord(freshPart("parent_link", { child_id: id }), t.add_parent, here)
            }
          >
            {t.add_parent}
          </Button>
        )}

        <h2>{t.carers}</h2>
        <Links
          rows={guardianships(child)}
          person="carer_id"
          words={(link) => [
            said(link, "carer_kind"),
            link.fields.is_main === "Y" ? t.main_carer : "",
          ]}
          here={here}
        />
        {maySurvey() && (
          <Button
            icon="add"
            onClick={() =>
              startRecord(freshPart("guardianship", { child_id: id }), t.add_carer, here)
            }
          >
            {t.add_carer}
          </Button>
        )}

        <h2>{t.helpers}</h2>
        <Helpers child={child} />
        {mayWrite("pairing") && (
          <Button
            icon="add"
            onClick={() => startRecord(freshPart("pairing", { child_id: id }), t.add_helper, here)}
          >
            {t.add_helper}
          </Button>
        )}

        <Timeline subject={child} />
        <h2>{t.file}</h2>
        <RecordFields row={child} />
      </main>
    </>
  );
}

function Links(props: {
  rows: readonly Row[];
  person: string;
  words: (link: Row) => string[];
  here: string;
}) {
  const t = text.value;
  if (props.rows.length === 0) return <Empty>{t.not_asked_yet}</Empty>;
  return (
    <ul class="list">
      {props.rows.map((link) => {
        const person = register.value.get(link.fields[props.person]);
        return (
          <li key={link.id} class="link">
            <span class="row-main">
              <strong>
                {said(link, "relation")}{" "}
                {person ? <a href={`#/person/${person.id}`}>{nameOf(person)}</a> : ""}
              </strong>
              <small>{props.words(link).filter(Boolean).join(" · ")}</small>
            </span>
            {link.contested && <Tag kind="look">{t.contested}</Tag>}
            {mayEdit(link.type) && (
              <Button
                small
                icon="edit"
                label={`${t.edit} ${said(link, "relation")} ${nameOf(person)}`}
                onClick={() => startEdit(link, props.here)}
              >
                {t.edit}
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Helpers({ child }: { child: Row }) {
  const t = text.value;
  const pairings = register.value
    .by("pairing", "child_id", child.id)
    .filter((pairing) => !pairing.fields.to_on);
  if (pairings.length === 0) return <Empty>{t.no_helper}</Empty>;
  return (
    <ul class="list">
      {pairings.map((pairing) => {
        const helper = register.value.get(pairing.fields.helper_id);
        return (
          <li key={pairing.id} class="link">
            <span class="row-main">
              <strong>{helper ? nameOf(helper) : t.not_on_phone}</strong>
              <small>
                {[
                  said(pairing, "kind") || said(pairing, "pairing_kind"),
                  helper && said(helper, "unit"),
                  pairing.fields.from_on && t.since(dayWords(String(pairing.fields.from_on))),
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </small>
            </span>
            {helper && <Calls person={helper} words="" />}
          </li>
        );
      })}
    </ul>
  );
}

export function Person({ id }: { id: string }) {
  const t = text.value;
  const person = register.value.get(id);
  if (person?.type !== "person") return <Missing />;
  const household = householdOf(person);
  return (
    <>
      <Bar
        title={nameOf(person)}
        sub={[said(person, "sex"), ageWords(person)].filter(Boolean).join(" · ")}
      />
      <main>
        <section class="card">
          {household && (
            <a class="place" href={`#/household/${household.id}`}>
              <span>
                {placeOf(household)} {t.family_of(nameOf(household))}
              </span>
            </a>
          )}
          <Calls person={person} words={nameOf(person)} />
        </section>
        <RecordFields row={person} open />
        {mayEdit("person") && (
          <Button icon="edit" onClick={() => startEdit(person, `/person/${id}`)}>
            {t.edit}
          </Button>
        )}
      </main>
    </>
  );
}
