// A piece of work in progress, whichever kind; and the list of those left unfinished.
import { useEffect } from "preact/hooks";
import { type Flow, type Part, withPart } from "../forms/flow.ts";
import { uuid7 } from "../model/clock.ts";
import type { FormValues } from "../model/edits.ts";
import { leave as leaveFor, route } from "../route.ts";
import { drafts, language, register, text } from "../session.ts";
import { Bar, Button, Empty } from "../ui/parts.tsx";
import { ago, nameOf } from "../ui/words.ts";
import { FormPage } from "./form-page.tsx";
import { typeOf } from "./question.tsx";
import { SurveyHub } from "./survey-hub.tsx";
import { Missing } from "./timeline.tsx";
import { change, discard, finish, goTo, leave as leaveWork, open, work } from "./work.ts";

export function FlowPage({ id }: { id: string }) {
  const t = text.value;
  useEffect(() => {
    open(id);
    return () => void leaveWork();
  }, [id]);
  const flow = work.value?.id === id ? work.value : open(id);
  if (!flow) return <Missing />;

  async function save(words: string) {
    if (!flow) return;
    await finish(words, () => {
      // Whoever was quicker with the next tap is elsewhere by now, and stays there.
      if (route.value[1] === id) leaveFor(flow.from);
    });
  }

  function leave() {
    if (flow) leaveFor(flow.from);
  }

  async function giveUp() {
    if (!confirm(t.discard_sure)) return;
    const to = flow?.from ?? "/today";
    await discard();
    leaveFor(to);
  }

  const part = flow.parts.find((each) => each.id === flow.at);
  if (flow.kind === "survey" && !part) {
    const home = flow.parts.find((each) => each.type === "household");
    return (
      <SurveyHub
        flow={flow}
        onSave={() => save(t.saved_survey(String(home?.now.head_name ?? "")))}
        onLeave={leave}
        onDiscard={() => void giveUp()}
      />
    );
  }
  if (!part) return <Missing />;
  const type = typeOf(part);
  const isLast = flow.kind !== "survey" && flow.trail.length === 0;
  const about = register.value.get(
    part.now.child_id ?? part.now.person_id ?? part.now.household_id,
  );
  const own = String(part.now.name ?? part.now.head_name ?? "");
  const label = type?.label[language.value] ?? "";
  return (
    <FormPage
      key={part.id}
      flow={flow}
      part={part}
      title={flow.kind === "visit" ? t.visit_to(nameOf(about)) : own || label}
      sub={own ? label : flow.kind === "visit" ? "" : nameOf(about)}
      isLast={isLast}
      extra={flow.kind === "visit" && flow.section === 0 ? <Companions flow={flow} /> : undefined}
      onSave={() =>
        saveVisitOrRecord(flow, () =>
          save(flow.kind === "visit" ? t.saved_visit(nameOf(about)) : t.saved_record(own || label)),
        )
      }
      onLeave={() => {
        if (isLast) leave();
        else goTo(flow.trail[flow.trail.length - 1] ?? null);
      }}
    />
  );
}

/** Answers about one child alone; the rest of a visit is the same for all children met. */
const ABOUT_ONE = new Set(["state"]);

async function saveVisitOrRecord(flow: Flow, save: () => Promise<void>): Promise<void> {
  const [first, ...others] = flow.parts;
  if (flow.kind === "visit" && first && others.length > 0) {
    const fields = typeOf(first)?.fields ?? [];
    const shared = fields.filter((field) => !ABOUT_ONE.has(field.section));
    let next = flow;
    for (const part of others) {
      const now: FormValues = { ...part.now };
      for (const field of shared) {
        const value = first.now[field.name];
        if (field.name !== "child_id" && value !== undefined) now[field.name] = value;
      }
      next = withPart(next, { ...part, now });
    }
    change(next);
  }
  await save();
}

/** Other children of the household met on the same visit: each gets a record of it. */
function Companions({ flow }: { flow: Flow }) {
  const t = text.value;
  const first = flow.parts[0];
  if (!first || first.now.corrects_id) return null;
  const held = register.value;
  const childOf = (part: Part) => held.resolve(String(part.now.child_id ?? ""));
  const siblings = held
    .by("child", "household_id", String(first.now.household_id))
    .filter((child) => child.id !== childOf(first));
  if (siblings.length === 0) return null;
  return (
    <div class="question">
      <p class="ask" id="companions">
        {t.also_met}
      </p>
      <div class="choices" role="group" aria-labelledby="companions">
        {siblings.map((child) => {
          const part = flow.parts.find((each) => childOf(each) === child.id);
          return (
            <label key={child.id} class="choice">
              <input
                type="checkbox"
                checked={part !== undefined}
                onChange={() => {
                  change(
                    part
                      ? {
                          ...flow,
                          touched: true,
                          parts: flow.parts.filter((each) => each.id !== part.id),
                        }
                      : withPart(
                          { ...flow, touched: true },
                          {
                            ...first,
                            id: uuid7(),
                            now: {
                              household_id: String(first.now.household_id),
                              child_id: child.id,
                            },
                          },
                        ),
                  );
                }}
              />
              <span>{nameOf(child)}</span>
            </label>
          );
        })}
      </div>
      <p class="hint">{t.also_met_hint}</p>
    </div>
  );
}

export function Drafts() {
  const t = text.value;
  return (
    <>
      <Bar title={t.drafts} />
      <main>
        {drafts.value.length === 0 && <Empty>{t.no_drafts}</Empty>}
        <ul class="list">
          {drafts.value.map((draft) => (
            <li key={draft.id} class="link">
              <a class="row-main" href={`#/flow/${draft.id}`}>
                <strong>{draft.title}</strong>
                <small>{t.draft_kept(ago(draft.at))}</small>
              </a>
              <Button
                small
                kind="quiet"
                icon="remove"
                label={`${t.discard_draft} ${draft.title}`}
                onClick={() => {
                  if (confirm(t.discard_sure)) {
                    open(draft.id);
                    void discard();
                  }
                }}
              >
                {t.discard}
              </Button>
            </li>
          ))}
        </ul>
        <p class="soft">{t.drafts_hint}</p>
      </main>
    </>
  );
}
