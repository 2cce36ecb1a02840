// A PIN field: digits, large, may be pasted, can be shown.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { text } from "../session.ts";

export function PinInput(props: {
  label: string;
  value: string;
  isNew?: boolean;
  /** Not the first field of its page: it waits to be come to. */
  isLater?: boolean;
  problem?: string;
  onChange: (pin: string) => void;
}) {
  const { label, value, isNew, isLater, problem, onChange } = props;
  const [isShown, setShown] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const name = `pin-${label.length}-${isNew ? "new" : "old"}`;
  useLayoutEffect(() => {
    if (!isLater) field.current?.focus();
  }, []);
  return (
    <div class="pin">
      <label class="ask" for={name}>
        {label}
      </label>
      <input
        id={name}
        ref={field}
        class="input pin-field"
        {...({ type: isShown ? "text" : "password" } as { type: "password" })}
        inputMode="numeric"
        autocomplete={isNew ? "new-password" : "current-password"}
        maxLength={32}
        value={value}
        aria-invalid={Boolean(problem)}
        aria-describedby={problem ? `${name}-problem` : undefined}
        onInput={(event) => onChange(event.currentTarget.value.normalize("NFKC").trim())}
      />
      <p class="problem" id={`${name}-problem`} role="alert">
        {problem}
      </p>
      <label class="inline">
        <input
          type="checkbox"
          checked={isShown}
          onChange={(event) => setShown(event.currentTarget.checked)}
        />
        <span>{text.value.show_pin}</span>
      </label>
    </div>
  );
}
