// The entries of a repeat group: a card each with the gist of it, one open at a time.
import { useState } from "preact/hooks";
import { contextOf, countOf, entriesFor, inside, isAhead, questions } from "../../forms/form.ts";
import type { FormValues } from "../../model/edits.ts";
import { newEntry, type RepeatEntry } from "../../model/repeats.ts";
import { text } from "../../session.ts";
import { Button } from "../../ui/parts.tsx";
import { gist } from "../../ui/words.ts";
import { Question, type QuestionProps } from "../question.tsx";
import { problemsOf, tried } from "../work.ts";

export function Repeat(props: QuestionProps & { labelledBy: string }) {
  const { field, type, part, setting, labelledBy, onChange } = props;
  const t = text.value;
  const [open, setOpen] = useState(-1);
  const [removed, setRemoved] = useState<{ at: number; entry: RepeatEntry } | null>(null);
  const entries = entriesFor(field, type, part.now, setting);
  const count = countOf(field, contextOf(type, part.now, setting));
  const form = inside(type, field);
  const problems = problemsOf(part).filter((each) => each.within?.repeat.name === field.name);

  /** Entries that a count asks for get their own id when somebody answers in them. */
  function put(next: readonly RepeatEntry[]) {
    onChange(next.map((each) => (isAhead(each) ? newEntry(each.values) : each)));
  }

  function answer(at: number, values: FormValues) {
    put(entries.map((each, place) => (place === at ? { ...each, values } : each)));
  }

  return (
    <div class="stack" role="group" aria-labelledby={labelledBy}>
      {entries.map((each, at) => {
        const own = {
          ...part,
          is_new: true,
          now: { ...part.now, [field.name]: "", ...each.values },
        };
        const odd = problems.filter(
          (found) => found.within?.place === at + 1 && (found.kind === "odd" || tried.value),
        );
        const name = t.entry(at + 1);
        const isOpen = open === at;
        return (
          <section key={isAhead(each) ? at : each.entry} class="card entry" aria-label={name}>
            <button
              type="button"
              class="entry-head"
              aria-expanded={isOpen}
              onClick={() => setOpen(isOpen ? -1 : at)}
            >
              <strong>{name}</strong> <span>{gist(field, each.values) || t.not_answered}</span>
              {odd.length > 0 && <small class="problem">{t.entry_odd(odd.length)}</small>}
            </button>
            {isOpen && (
              <>
                {questions(form, own.now, setting)
                  .filter((asked) => field.fields?.includes(asked))
                  .map((asked) => (
                    <Question
                      {...props}
                      key={asked.name}
                      field={asked}
                      type={form}
                      part={own}
                      finding={odd.find((found) => found.field.name === asked.name)}
                      onChange={(value) => answer(at, { ...each.values, [asked.name]: value })}
                      onNewPerson={null}
                    />
                  ))}
                <Button icon="check" onClick={() => setOpen(-1)}>
                  {t.done}
                </Button>
              </>
            )}
            {(count === null || at >= count) && (
              <Button
                small
                kind="quiet"
                icon="remove"
                label={t.remove_named(name)}
                onClick={() => {
                  setRemoved({ at, entry: each });
                  setOpen(-1);
                  put(entries.filter((_, place) => place !== at));
                }}
              >
                {t.remove}
              </Button>
            )}
          </section>
        );
      })}
      <div role="status">
        {removed && (
          <p class="entry-gone">
            {t.entry_removed(gist(field, removed.entry.values) || t.entry(removed.at + 1))}{" "}
            <Button
              small
              icon="undo"
              onClick={() => {
                const { at, entry } = removed;
                put([...entries.slice(0, at), entry, ...entries.slice(at)]);
                setRemoved(null);
              }}
            >
              {t.undo}
            </Button>
          </p>
        )}
      </div>
      {count === null && (
        <Button
          icon="add"
          onClick={() => {
            setRemoved(null);
            setOpen(entries.length);
            put([...entries, newEntry()]);
          }}
        >
          {t.add_entry}
        </Button>
      )}
    </div>
  );
}
