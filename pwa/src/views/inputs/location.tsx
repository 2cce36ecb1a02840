// Where one stands, only when the form asks and the person wants: a sentence first, then the browser's
// own question. Kept as XLSForm keeps it: "latitude longitude altitude accuracy".
import { useState } from "preact/hooks";
import { text } from "../../session.ts";
import { Button } from "../../ui/parts.tsx";

const PATIENCE_MS = 30_000;

export function Location(props: {
  value: string;
  labelledBy: string;
  onChange: (value: string) => void;
}) {
  const { value, labelledBy, onChange } = props;
  const t = text.value;
  const [state, setState] = useState<"" | "asking" | "refused" | "unknown">("");
  const [latitude, longitude, , accuracy] = value.split(" ");

  function ask() {
    setState("asking");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setState("");
        const height = Math.round(coords.altitude ?? 0);
        onChange(
          `${coords.latitude.toFixed(6)} ${coords.longitude.toFixed(6)} ${height} ${Math.ceil(coords.accuracy)}`,
        );
      },
      (fault) => setState(fault.code === fault.PERMISSION_DENIED ? "refused" : "unknown"),
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 0 },
    );
  }

  return (
    <div class="stack" role="group" aria-labelledby={labelledBy}>
      {value ? (
        <p>
          {latitude}, {longitude} <span class="soft">{t.accurate_to(Number(accuracy ?? 0))}</span>
        </p>
      ) : (
        <p class="soft">{t.location_why}</p>
      )}
      <p class="problem" aria-live="polite">
        {state === "asking" && t.location_asking}
        {state === "refused" && t.location_refused}
        {state === "unknown" && t.location_unknown}
      </p>
      <div class="choices">
        <Button icon="place" disabled={state === "asking"} onClick={ask}>
          {value ? t.location_again : t.location_take}
        </Button>
        {value && (
          <Button kind="quiet" icon="remove" onClick={() => onChange("")}>
            {t.remove}
          </Button>
        )}
      </div>
    </div>
  );
}
