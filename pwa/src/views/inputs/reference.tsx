// Pointing to another record: mostly one of the same household, else found by name, else new.
import { useState } from "preact/hooks";
import type { Part } from "../../forms/flow.ts";
import type { Row } from "../../model/pending.ts";
import { NAMED } from "../../search/entries.ts";
import { search } from "../../search/search.ts";
import { index, register, text } from "../../session.ts";
import { Icon } from "../../ui/icon.tsx";
import { Button } from "../../ui/parts.tsx";
import { ageWords, householdOf, placeOf, said } from "../../ui/words.ts";

export interface Candidate {
  id: string;
  words: string;
  more: string;
}

/** A record without a name, by its first answers. */
function gistOf(row: Row): string {
  return Object.keys(row.fields)
    .filter((name) => !name.endsWith("_id"))
    .map((name) => said(row, name))
    .filter(Boolean)
    .slice(0, 3)
    .join(" · ");
}

function candidate(row: Row): Candidate {
  const more = [said(row, "sex"), ageWords(row), placeOf(householdOf(row))];
  const own = row.fields.title ?? row.fields.name ?? row.fields.head_name;
  const words = typeof own === "string" ? own : gistOf(row);
  return { id: row.id, words, more: more.filter(Boolean).join(" · ") };
}

/** Those at hand: of the household, saved or being entered now. */
export function nearby(
  type: string,
  household: string | null,
  parts: readonly Part[],
): Candidate[] {
  const held = register.value;
  const fresh = parts
    .filter((part) => part.type === type)
    .map((part) => ({
      id: part.id,
      words: String(part.now.name ?? "") || text.value.unnamed,
      more: part.is_new ? text.value.just_entered : "",
    }));
  const known = new Set(fresh.map((each) => held.resolve(each.id)));
  // Places, helpers and the like belong to no household, and are few enough to be shown all.
  const rows = ["person", "child"].includes(type)
    ? held.by(type, "household_id", household ?? "")
    : held.of(type);
  const saved = rows.filter((row) => !known.has(row.id)).map(candidate);
  return [...saved, ...fresh];
}

export function Reference(props: {
  name: string;
  type: string;
  value: string;
  near: readonly Candidate[];
  labelledBy: string;
  onChange: (id: string) => void;
  onNew: (() => void) | null;
}) {
  const { name, type, value, near, labelledBy, onChange, onNew } = props;
  const t = text.value;
  const [wanted, setWanted] = useState("");
  const found = wanted ? search(index.value, wanted, 6, type).map(candidate) : [];
  const listed = [...near, ...found.filter((each) => !near.some((one) => one.id === each.id))];
  const resolve = (id: string) => register.value.resolve(id);
  const chosen = register.value.get(value);
  const isChosen = (each: Candidate) => value !== "" && resolve(each.id) === resolve(value);
  if (chosen && !listed.some(isChosen)) listed.unshift(candidate(chosen));
  return (
    <div class="searched">
      <div class="choices column" role="radiogroup" aria-labelledby={labelledBy}>
        {listed.map((each) => (
          <label key={each.id} class="choice">
            <input
              type="radio"
              name={name}
              checked={isChosen(each)}
              onChange={() => onChange(each.id)}
            />
            <span>
              <Icon name="check" />
              <span>
                {each.words} <small>{each.more}</small>
              </span>
            </span>
          </label>
        ))}
      </div>
      {onNew && (
        <Button icon="add" onClick={onNew}>
          {t.add_adult}
        </Button>
      )}
      {/* All of the others stand above; they are not searched. */}
      <details hidden={!NAMED.some((each) => each === type)}>
        <summary>{t.someone_else}</summary>
        <div class="search-box">
          <Icon name="search" />
          <input
            class="input"
            type="search"
            autocomplete="off"
            aria-label={t.search_person}
            placeholder={t.search_hint}
            value={wanted}
            onInput={(event) => {
              if (!event.isComposing) setWanted(event.currentTarget.value);
            }}
            onCompositionEnd={(event) => setWanted(event.currentTarget.value)}
          />
        </div>
      </details>
    </div>
  );
}
