// Several phone numbers, each with whose it is.
import { phoneKind } from "../../forms/numbers.ts";
import type { ListEntry } from "../../model/edits.ts";
import { text } from "../../session.ts";
import { Button } from "../../ui/parts.tsx";

const USES = ["self", "relay", "school"] as const;

export function Phones(props: {
  id: string;
  value: readonly ListEntry[];
  labelledBy: string;
  onChange: (value: ListEntry[]) => void;
}) {
  const { id, labelledBy, onChange } = props;
  const t = text.value;
  const value = props.value.length > 0 ? props.value : [{ number: "" }];

  function change(at: number, next: Partial<ListEntry>) {
    onChange(value.map((item, index) => (index === at ? { ...item, ...next } : item)));
  }

  return (
    <div class="stack" role="group" aria-labelledby={labelledBy}>
      {value.map((item, at) => (
        <div class="phone" key={item.entry ?? `new-${at}`}>
          <input
            id={at === 0 ? id : undefined}
            class="input"
            type="tel"
            inputMode="tel"
            autocomplete="off"
            aria-label={t.phone_number(at + 1)}
            value={item.number}
            onInput={(event) => change(at, { number: event.currentTarget.value })}
          />
          {item.number.trim() && !phoneKind(item.number) && <p class="problem">{t.phone_odd}</p>}
          <div class="choices near" role="group" aria-label={t.phone_whose}>
            {USES.map((use) => (
              <button
                key={use}
                type="button"
                class="chip"
                aria-pressed={item.use === use}
                onClick={() => change(at, { use: item.use === use ? "" : use })}
              >
                <span>{t.phone_uses[use]}</span>
              </button>
            ))}
          </div>
          {props.value.length > 0 && (
            <Button
              small
              kind="quiet"
              icon="remove"
              label={t.remove_phone(at + 1)}
              onClick={() => onChange(value.filter((_, index) => index !== at))}
            >
              {t.remove}
            </Button>
          )}
        </div>
      ))}
      <Button small icon="add" onClick={() => onChange([...value, { number: "" }])}>
        {t.add_phone}
      </Button>
    </div>
  );
}
