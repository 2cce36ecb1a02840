// Choosing: big buttons for short lists, a search over long ones.
import { useState } from "preact/hooks";
import type { Choice } from "../../forms/programme.ts";
import { plain } from "../../search/entries.ts";
import { initialsOf } from "../../search/sounds.ts";
import { language, text } from "../../session.ts";
import { Icon } from "../../ui/icon.tsx";

/** Answers that exclude all others. */
const ALONE = new Set(["NONE", "UNK", "REF"]);
const LONG = 12;
const OFFERED = 8;

export function One(props: {
  name: string;
  choices: readonly Choice[];
  value: string;
  labelledBy: string;
  onChange: (value: string) => void;
}) {
  const { name, choices, value, labelledBy, onChange } = props;
  if (choices.length > LONG) {
    return (
      <Searched
        {...props}
        kind="radio"
        chosen={[value]}
        onToggle={(element, isOn) => isOn && onChange(element)}
      />
    );
  }
  return (
    <div class="choices" role="radiogroup" aria-labelledby={labelledBy}>
      {choices.map((choice) => (
        <label key={choice.name} class="choice">
          <input
            type="radio"
            name={name}
            value={choice.name}
            checked={value === choice.name}
            onChange={() => onChange(choice.name)}
            // A second tap takes the answer back.
            onClick={() => {
              if (value === choice.name) onChange("");
            }}
          />
          <span>
            <Icon name="check" />
            {choice.label[language.value]}
          </span>
        </label>
      ))}
    </div>
  );
}

export function Many(props: {
  name: string;
  choices: readonly Choice[];
  value: readonly string[];
  labelledBy: string;
  onChange: (value: string[]) => void;
}) {
  const { name, choices, value, labelledBy, onChange } = props;

  function toggle(element: string, isOn: boolean) {
    if (!isOn) onChange(value.filter((each) => each !== element));
    else if (ALONE.has(element)) onChange([element]);
    else onChange([...value.filter((each) => !ALONE.has(each)), element].sort());
  }

  if (choices.length > LONG) {
    return <Searched {...props} kind="checkbox" chosen={value} onToggle={toggle} />;
  }
  return (
    <div class="choices" role="group" aria-labelledby={labelledBy}>
      {choices.map((choice) => (
        <label key={choice.name} class="choice">
          <input
            type="checkbox"
            name={name}
            value={choice.name}
            checked={value.includes(choice.name)}
            onChange={(event) => toggle(choice.name, event.currentTarget.checked)}
          />
          <span>
            <Icon name="check" />
            {choice.label[language.value]}
          </span>
        </label>
      ))}
    </div>
  );
}

function Searched(props: {
  name: string;
  choices: readonly Choice[];
  kind: "radio" | "checkbox";
  chosen: readonly string[];
  labelledBy: string;
  onToggle: (element: string, isOn: boolean) => void;
}) {
  const { name, choices, kind, chosen, labelledBy, onToggle } = props;
  const t = text.value;
  const [wanted, setWanted] = useState("");
  const lang = language.value;
  const seek = plain(wanted);
  const offered = (
    seek === ""
      ? choices
      : choices.filter((choice) => {
          const label = plain(choice.label[lang]);
          return label.includes(seek) || initialsOf(choice.label.zh).startsWith(seek);
        })
  ).slice(0, OFFERED);
  const group = {
    role: kind === "radio" ? "radiogroup" : "group",
    "aria-labelledby": labelledBy,
  } as const;
  // What is chosen stands first, whatever is looked for.
  const held = choices.filter((choice) => chosen.includes(choice.name));
  const listed = [...held, ...offered.filter((choice) => !held.includes(choice))];
  return (
    <div class="searched">
      <div class="search-box">
        <Icon name="search" />
        <input
          class="input"
          type="search"
          autocomplete="off"
          aria-label={t.search_choices}
          placeholder={t.search_choices}
          value={wanted}
          onInput={(event) => {
            if (!event.isComposing) setWanted(event.currentTarget.value);
          }}
          onCompositionEnd={(event) => setWanted(event.currentTarget.value)}
        />
      </div>
      <div class="choices" {...group}>
        {listed.map((choice) => (
          <label key={choice.name} class="choice">
            <input
              type={kind}
              name={name}
              checked={chosen.includes(choice.name)}
              onChange={(event) => onToggle(choice.name, event.currentTarget.checked)}
            />
            <span>
              <Icon name="check" />
              {choice.label[lang]}
            </span>
          </label>
        ))}
      </div>
      {listed.length === 0 && <p class="soft">{t.nothing_found}</p>}
      {seek === "" && choices.length > OFFERED && (
        <p class="soft">{t.more_by_search(choices.length)}</p>
      )}
    </div>
  );
}
