// A form on the screen, one section at a time. Nothing here blocks: what is missing is said and can be
// filled in later, save for the few answers without which a record means nothing.
import { useEffect, useRef, useState } from "preact/hooks";
import { type Flow, type Part, withoutPart, withPart } from "../forms/flow.ts";
import { type Finding, sections } from "../forms/form.ts";
import { useOwnBack } from "../route.ts";
import { freshPart, language, register, text } from "../session.ts";
import { Bar, Button, Note, STAY, showAlert } from "../ui/parts.tsx";
import { FormFoot, SaveButton } from "./form-foot.tsx";
import { Question, typeOf } from "./question.tsx";
import { Twins, twinsOf } from "./twins.tsx";
import { answer, change, goTo, keep, partSetting, problemsOf, tried } from "./work.ts";

export function FormPage(props: {
  flow: Flow;
  part: Part;
  title: string;
  sub: string;
  /** Whether the last page saves, or leads back to where the part was opened. */
  isLast: boolean;
  extra?: preact.ComponentChildren;
  onSave: () => Promise<void>;
  onLeave: () => void;
}) {
  const { flow, part, title, sub, isLast, extra, onSave, onLeave } = props;
  const t = text.value;
  const type = typeOf(part);
  /** Somebody like that is there already, and the person was about to go on. */
  const [isStopped, setStopped] = useState(false);
  const [asked, setAsking] = useState<Finding[]>([]);
  const setting = partSetting();
  const pages = type ? sections(type, part.now, setting) : [];
  const at = Math.min(flow.section, Math.max(0, pages.length - 1));
  const page = pages[at];
  const problems = problemsOf(part);
  // What has been answered or taken out since is asked no more.
  const asking = asked.filter((each) =>
    problems.some(
      ({ field, within }) => field.name === each.field.name && within?.entry === each.within?.entry,
    ),
  );
  const canSaveNow = isLast && type?.kind === "event" && !problems.some((each) => each.hard);

  const isTurned = useRef(false);
  const onBack = at > 0 ? () => turn(at - 1) : onLeave;
  useOwnBack(at > 0 || !isLast, onBack);

  useEffect(() => {
    setAsking([]);
    setStopped(false);
    // Whose form it is has just been said; from then on, which page.
    if (isTurned.current) document.querySelector<HTMLElement>("main h2")?.focus(STAY);
    isTurned.current = true;
  }, [part.id, at]);

  if (!type || !page) return null;
  const isEnd = at >= pages.length - 1;

  function turn(to: number) {
    tried.value = to > at ? false : tried.value;
    change({ ...flow, section: to });
    void keep();
    scrollTo(0, 0);
  }

  async function save(anyway: boolean) {
    if (twinsOf(flow, part).length > 0) {
      setStopped(true);
      scrollTo(0, 0);
      return;
    }
    const hard = problems.filter((each) => each.hard);
    const soft = problems.filter((each) => !each.hard);
    if (hard.length > 0 || (soft.length > 0 && !anyway && isLast)) {
      tried.value = true;
      setAsking(hard.length > 0 ? hard : soft);
      showAlert();
      return;
    }
    if (!isLast) {
      const next = flow.trail[flow.trail.length - 1] ?? null;
      change({
        ...withPart(flow, { ...part, seen: true }),
        at: next,
        section: 0,
        trail: flow.trail.slice(0, -1),
      });
      void keep();
      scrollTo(0, 0);
      return;
    }
    await onSave();
  }

  function jump(finding: Finding) {
    const name = finding.within?.repeat.name ?? finding.field.name;
    const to = pages.findIndex((each) => each.fields.some((field) => field.name === name));
    setAsking([]);
    tried.value = true;
    if (to >= 0 && to !== at) change({ ...flow, section: to });
    requestAnimationFrame(() =>
      document.getElementById(`box-${name}`)?.scrollIntoView({ block: "center" }),
    );
  }

  function newPerson(field: string) {
    const child = flow.parts.find((each) => each.id === part.now.child_id);
    const home = flow.household ?? String(child?.now.household_id ?? householdIdOf(part) ?? "");
    const person = freshPart("person", { household_id: home });
    change({
      ...withPart(withPart(flow, person), { ...part, now: { ...part.now, [field]: person.id } }),
      at: person.id,
      touched: true,
      section: 0,
      trail: [...flow.trail, part.id],
    });
    void keep();
    scrollTo(0, 0);
  }

  return (
    <>
      <Bar title={title} sub={sub} onBack={onBack} />
      <main class="form">
        <p class="dots" role="img" aria-label={t.page_of(at + 1, pages.length)}>
          {pages.map((each, index) => (
            <span key={each.name} class={index === at ? "on" : index < at ? "past" : ""} />
          ))}
          <small>
            {at + 1}/{pages.length}
          </small>
        </p>
        <h2 tabIndex={-1}>{page.label[language.value]}</h2>
        <Twins flow={flow} part={part} isAsked={isStopped} />
        {page.fields.map((field) => (
          <Question
            key={field.name}
            field={field}
            type={type}
            part={part}
            flow={flow}
            setting={setting}
            finding={problems.find(
              (each) =>
                !each.within &&
                each.field.name === field.name &&
                (each.kind === "odd" || tried.value),
            )}
            onChange={(value) => answer(part, field.name, value)}
            onNewPerson={newPerson}
          />
        ))}
        {extra}
        {asking.length > 0 && (
          <div role="alert">
            <Note kind="due" icon="warning">
              <p>
                {asking.some((each) => each.hard)
                  ? t.cannot_without
                  : t.still_missing(asking.length)}
              </p>
              <ul class="missing">
                {asking.slice(0, 6).map((finding) => (
                  <li key={`${finding.within?.entry} ${finding.field.name}`}>
                    <button type="button" class="as-link" onClick={() => jump(finding)}>
                      {finding.within &&
                        `${finding.within.repeat.label[language.value]} ${finding.within.place}: `}
                      {finding.field.label[language.value]}
                    </button>
                  </li>
                ))}
              </ul>
              {asking.every((each) => !each.hard) && (
                <SaveButton kind="primary" onSave={() => save(true)}>
                  {t.save_anyway}
                </SaveButton>
              )}
            </Note>
          </div>
        )}
      </main>
      <FormFoot flow={flow.id}>
        {!isEnd && (
          <Button kind={canSaveNow ? "plain" : "primary"} icon="more" onClick={() => turn(at + 1)}>
            {t.next_page}
          </Button>
        )}
        <SaveButton kind={isEnd || canSaveNow ? "primary" : "plain"} onSave={() => save(false)}>
          {isLast ? t.save : t.done}
        </SaveButton>
      </FormFoot>
    </>
  );
}

function householdIdOf(part: Part): string | undefined {
  const home = register.value.get(part.now.child_id)?.fields.household_id;
  return typeof home === "string" ? home : undefined;
}

export function removePart(flow: Flow, part: Part): void {
  change(withoutPart(flow, part.id));
  goTo(flow.trail[flow.trail.length - 1] ?? null);
}
