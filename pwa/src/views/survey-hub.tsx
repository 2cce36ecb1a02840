// The overview of a survey at one door: the household, its people, who cares for each child, the result.
// Any order will do; the next thing not yet done is offered first.
import { useState } from "preact/hooks";
import { type Flow, isChanged, type Part, withoutPart, withPart } from "../forms/flow.ts";
import type { FormValues } from "../model/edits.ts";
import { useOwnBack } from "../route.ts";
import { freshPart, language, openPart, programme, register, text } from "../session.ts";
import { Icon } from "../ui/icon.tsx";
import { Bar, Button, Empty, Note, showAlert, Tag } from "../ui/parts.tsx";
import { gridName } from "../ui/words.ts";
import { FormFoot, SaveButton } from "./form-foot.tsx";
import { typeOf } from "./question.tsx";
import { twinsOf } from "./twins.tsx";
import { change, goTo, keep, problemsOf } from "./work.ts";

export function SurveyHub(props: {
  flow: Flow;
  onSave: () => Promise<void>;
  onLeave: () => void;
  onDiscard: () => void;
}) {
  const { flow, onSave, onLeave, onDiscard } = props;
  const t = text.value;
  const [isAsking, setAsking] = useState(false);
  useOwnBack(false, onLeave);
  const home = flow.parts.find((part) => part.type === "household");
  const survey = flow.parts.find((part) => part.type === "survey");
  const adults = flow.parts.filter((part) => part.type === "person");
  const children = flow.parts.filter((part) => part.type === "child");
  if (!home || !survey) return null;

  const head = String(home.now.head_name ?? "");
  const changedParts = flow.parts.filter(
    (part) => programme.value && isChanged(part, programme.value),
  );
  const hard = changedParts.flatMap((part) =>
    problemsOf(part)
      .filter((finding) => finding.hard)
      .map((finding) => ({ part, finding })),
  );
  const soft = changedParts.flatMap((part) =>
    part.type === "survey" ? [] : problemsOf(part).filter((finding) => !finding.hard),
  );

  function add(type: string, values: FormValues) {
    const part = freshPart(type, values);
    change({ ...withPart(flow, part), at: part.id, section: 0, touched: true });
    void keep();
    scrollTo(0, 0);
  }

  async function save() {
    const twin = flow.parts.find((part) => twinsOf(flow, part).length > 0);
    if (twin) {
      goTo(twin.id);
      return;
    }
    if (hard.length > 0) {
      setAsking(true);
      showAlert();
      return;
    }
    await onSave();
  }

  return (
    <>
      <Bar
        title={head ? t.survey_of(head) : t.survey_new}
        sub={home.now.grid_code ? gridName(String(home.now.grid_code)) : ""}
        onBack={onLeave}
      />
      <main>
        <ol class="hub">
          <li>
            <h2>{t.hub_household}</h2>
            <PartLine part={home} words={head ? t.family_of(head) : t.fill_household} />
          </li>
          <li>
            <h2>{t.hub_adults}</h2>
            {adults.length === 0 && <Empty>{t.no_adults_yet}</Empty>}
            {adults.map((part) => (
              <PartLine
                key={part.id}
                part={part}
                words={String(part.now.name || t.unnamed)}
                flow={flow}
              />
            ))}
            <Button icon="add" onClick={() => add("person", { household_id: home.id })}>
              {t.add_adult}
            </Button>
          </li>
          <li>
            <h2>{t.hub_children}</h2>
            {children.length === 0 && <Empty>{t.no_children_yet}</Empty>}
            {children.map((part) => (
              <ChildLines key={part.id} flow={flow} part={part} add={add} />
            ))}
            <Button icon="add" onClick={() => add("child", { household_id: home.id })}>
              {t.add_child}
            </Button>
          </li>
          <li>
            <h2>{t.hub_result}</h2>
            <PartLine part={survey} words={resultWords(survey) || t.choose_result} />
          </li>
        </ol>
        {isAsking && hard.length > 0 && (
          <div role="alert">
            <Note kind="due" icon="warning">
              <p>{t.cannot_without}</p>
              <ul class="missing">
                {hard.slice(0, 6).map(({ part, finding }) => (
                  <li key={part.id + finding.field.name}>
                    <button type="button" class="as-link" onClick={() => goTo(part.id)}>
                      {t.named_value(
                        typeOf(part)?.label[language.value] ?? "",
                        finding.field.label[language.value],
                      )}
                    </button>
                  </li>
                ))}
              </ul>
            </Note>
          </div>
        )}
        {soft.length > 0 && <p class="soft">{t.gaps_stay(soft.length)}</p>}
        <Button kind="quiet" icon="remove" onClick={onDiscard}>
          {t.discard_draft}
        </Button>
      </main>
      <FormFoot flow={flow.id}>
        <SaveButton kind="primary" onSave={save}>
          {t.save_survey}
        </SaveButton>
      </FormFoot>
    </>
  );
}

function resultWords(part: Part): string {
  const choice = programme.value?.lists.survey_result?.find(
    (each) => each.name === part.now.result,
  );
  return choice?.label[language.value] ?? "";
}

function State({ part }: { part: Part }) {
  const t = text.value;
  const held = programme.value;
  if (!held) return null;
  const missing = problemsOf(part).length;
  if (part.is_new && !part.seen && missing > 0) return <Tag kind="due">{t.not_filled}</Tag>;
  if (missing > 0) return <Tag kind="due">{t.gaps(missing)}</Tag>;
  if (!part.is_new && !isChanged(part, held)) return <Tag>{t.unchanged}</Tag>;
  return <Tag kind="good">{t.filled}</Tag>;
}

function PartLine({ part, words, flow }: { part: Part; words: string; flow?: Flow }) {
  const t = text.value;
  return (
    <div class="part">
      <button type="button" class="row" onClick={() => goTo(part.id)}>
        <span class="row-main">
          <strong>{words}</strong>
        </span>
        <span class="part-end">
          <State part={part} />
          <Icon name="more" />
        </span>
      </button>
      {flow && part.is_new && (
        <Button
          small
          kind="quiet"
          icon="close"
          label={t.remove_named(words)}
          onClick={() => {
            if (!confirm(t.remove_sure(words))) return;
            change(withoutPart(flow, part.id));
            void keep();
          }}
        >
          {t.remove}
        </Button>
      )}
    </div>
  );
}

function ChildLines(props: {
  flow: Flow;
  part: Part;
  add: (type: string, values: FormValues) => void;
}) {
  const { flow, part, add } = props;
  const t = text.value;
  const name = String(part.now.name || t.unnamed);
  const fresh = (type: string) =>
    flow.parts.filter((each) => each.type === type && each.now.child_id === part.id);
  const saved = (type: string) =>
    register.value
      .by(type, "child_id", part.id)
      .filter((row) => !flow.parts.some((each) => register.value.resolve(each.id) === row.id));

  function personName(id: unknown): string {
    const held = flow.parts.find((each) => each.id === id);
    return String(held?.now.name ?? register.value.get(id)?.fields.name ?? "");
  }

  const lines = (type: "parent_link" | "guardianship", person: string) => (
    <>
      {saved(type).map((row) => (
        <button
          key={row.id}
          type="button"
          class="row"
          onClick={() => {
            change({ ...withPart(flow, openPart(row)), at: row.id, section: 0 });
            void keep();
          }}
        >
          <span class="row-main">{personName(row.fields[person]) || t.nobody}</span>
          <Tag>{t.unchanged}</Tag>
          <Icon name="more" />
        </button>
      ))}
      {fresh(type).map((each) => (
        <PartLine
          key={each.id}
          part={each}
          words={personName(each.now[person]) || t.unnamed}
          flow={flow}
        />
      ))}
    </>
  );

  return (
    <div class="card child-part" role="group" aria-label={name}>
      <PartLine part={part} words={name} flow={flow} />
      <h3>{t.parents}</h3>
      {lines("parent_link", "parent_id")}
      <Button
        small
        icon="add"
        label={`${t.add_parent} ${name}`}
        onClick={() => add("parent_link", { child_id: part.id })}
      >
        {t.add_parent}
      </Button>
      <h3>{t.carers}</h3>
      {lines("guardianship", "carer_id")}
      <Button
        small
        icon="add"
        label={`${t.add_carer} ${name}`}
        onClick={() => add("guardianship", { child_id: part.id })}
      >
        {t.add_carer}
      </Button>
    </div>
  );
}
