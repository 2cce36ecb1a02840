// What can be recorded of somebody besides a visit: the programme's events, and the village's own forms.
import type { RecordType } from "../forms/programme.ts";
import type { Row } from "../model/pending.ts";
import { language, programme, text } from "../session.ts";
import { Button } from "../ui/parts.tsx";
import { startEvent } from "./start.ts";

export function OtherRecords({ types, about }: { types: RecordType[]; about: Row | null }) {
  if (types.length === 0) return null;
  const isEvent = about && programme.value?.types[about.type]?.kind === "event";
  const from = about ? `/${isEvent ? "event" : about.type}/${about.id}` : "/today";
  return (
    <details class="more-records">
      <summary>{text.value.other_records}</summary>
      <div class="actions">
        {types.map((type) => (
          <Button key={type.name} small icon="add" onClick={() => startEvent(type, about, from)}>
            {type.label[language.value]}
          </Button>
        ))}
      </div>
    </details>
  );
}
