// A day, typed as three numbers on the numeric keyboard: quicker than turning a calendar back to 1954.
// Days near today have a button each.
import { useRef } from "preact/hooks";
import { addDays } from "../../model/clock.ts";
import { text, today } from "../../session.ts";

const pad = (part: string, length: number) => (part === "" ? "" : part.padStart(length, "0"));

export function Day(props: {
  id: string;
  value: string;
  labelledBy: string;
  describedBy?: string;
  /** A month of a year, YYYY-MM. */
  monthOnly: boolean;
  /** Which days are offered as buttons. */
  near: "past" | "future" | "none";
  isOdd: boolean;
  onChange: (value: string) => void;
}) {
  const { id, value, labelledBy, describedBy, monthOnly, near, isOdd, onChange } = props;
  const t = text.value;
  const [year = "", month = "", day = ""] = value.split("-");
  const box = useRef<HTMLDivElement>(null);

  function set(next: { year?: string; month?: string; day?: string }, at: number) {
    const digits = (part: string) => part.normalize("NFKC").replace(/\D/g, "");
    const y = digits(next.year ?? year);
    const m = digits(next.month ?? month);
    const d = monthOnly ? "" : digits(next.day ?? day);
    onChange(y || m || d ? (monthOnly ? `${y}-${m}` : `${y}-${m}-${d}`) : "");
    const full = at === 0 ? y.length === 4 : at === 1 ? m.length === 2 || Number(m) > 1 : false;
    const last = monthOnly ? 1 : 2;
    if (full && at < last) box.current?.querySelectorAll("input")[at + 1]?.focus();
  }

  const tidy = () => {
    if (monthOnly && year.length === 4 && month) onChange(`${year}-${pad(month, 2)}`);
    else if (year.length === 4 && month && day) onChange(`${year}-${pad(month, 2)}-${pad(day, 2)}`);
  };

  const part = (
    at: number,
    name: "year" | "month" | "day",
    held: string,
    width: number,
    unit: string,
  ) => (
    <label class="day-part">
      <input
        id={at === 0 ? id : undefined}
        class={`input w${width}`}
        inputMode="numeric"
        autocomplete="off"
        maxLength={width}
        value={held}
        aria-invalid={isOdd}
        aria-describedby={describedBy}
        onInput={(event) => set({ [name]: event.currentTarget.value }, at)}
        onBlur={tidy}
      />
      <span>{unit}</span>
    </label>
  );

  const offers =
    near === "past"
      ? [
          { words: t.today_word, on: today.value },
          { words: t.yesterday, on: addDays(today.value, -1) },
          { words: t.before_yesterday, on: addDays(today.value, -2) },
        ]
      : near === "future"
        ? [7, 14, 30].map((days) => ({
            words: t.in_days(days),
            on: addDays(today.value, days),
          }))
        : [];

  return (
    <div ref={box} role="group" aria-labelledby={labelledBy}>
      {offers.length > 0 && (
        <div class="choices near">
          {offers.map(({ words, on }) => (
            <button
              key={on}
              type="button"
              class="chip"
              aria-pressed={value === on}
              onClick={() => onChange(value === on && near === "future" ? "" : on)}
            >
              <span>{words}</span>
            </button>
          ))}
        </div>
      )}
      <div class="day">
        {part(0, "year", year, 4, t.year)}
        {part(1, "month", month, 2, t.month)}
        {!monthOnly && part(2, "day", day, 2, t.day)}
      </div>
    </div>
  );
}
