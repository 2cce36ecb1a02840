// A number between two ends: a slider, a button on each side of it, and the number itself to type.
import type { Field } from "../../forms/programme.ts";
import { text } from "../../session.ts";

export function Range(props: {
  id: string;
  range: NonNullable<Field["range"]>;
  value: string;
  labelledBy: string;
  isOdd: boolean;
  onChange: (value: string) => void;
}) {
  const { id, range, value, labelledBy, isOdd, onChange } = props;
  const t = text.value;
  const step = Math.abs(Number(range.step)) || 1;
  const [low = 0, high = 0] = [Number(range.start), Number(range.end)].sort((a, b) => a - b);
  const digits = (String(range.step).split(".")[1] ?? "").length;
  const number = value === "" ? Number.NaN : Number(value);

  function move(by: number) {
    const next = Number.isNaN(number) ? low : Math.min(high, Math.max(low, number + by));
    onChange(next.toFixed(digits));
  }

  return (
    <div role="group" aria-labelledby={labelledBy}>
      <div class="stepper">
        <button type="button" class="button" aria-label={t.less} onClick={() => move(-step)}>
          −
        </button>
        <input
          id={id}
          class="input w4"
          inputMode="decimal"
          autocomplete="off"
          value={value}
          aria-labelledby={labelledBy}
          aria-invalid={isOdd}
          aria-describedby={`${id}-problem`}
          onInput={(event) => onChange(digitsOf(event.currentTarget.value))}
        />
        <button type="button" class="button" aria-label={t.greater} onClick={() => move(step)}>
          ＋
        </button>
      </div>
      <div class={Number.isNaN(number) ? "slider unset" : "slider"}>
        <small aria-hidden="true">{low}</small>
        <input
          type="range"
          min={low}
          max={high}
          step={step}
          value={Number.isNaN(number) ? low : number}
          aria-labelledby={labelledBy}
          aria-valuetext={Number.isNaN(number) ? t.not_answered : value}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
        <small aria-hidden="true">{high}</small>
      </div>
    </div>
  );
}

/** A number as typed, whichever keyboard wrote its digits. */
export function digitsOf(typed: string): string {
  return typed
    .normalize("NFKC")
    .replace(/。/g, ".")
    .replace(/[^\d.-]/g, "");
}
