// An event noted under the wrong child is moved to the right one: a correction, which keeps the old one, struck
// through, and counts for the other child.
import { useState } from "preact/hooks";
import { uuid7 } from "../model/clock.ts";
import type { Row } from "../model/pending.ts";
import { replace } from "../route.ts";
import { freshPart, openPart, register, saveFlow, text } from "../session.ts";
import { Bar, Button, Heard, Note } from "../ui/parts.tsx";
import { dayWords, nameOf } from "../ui/words.ts";
import { Finder } from "./finder.tsx";
import { Missing, mayMove } from "./timeline.tsx";

export function Move({ id }: { id: string }) {
  const t = text.value;
  const event = register.value.get(id);
  const from = register.value.get(event?.fields.child_id);
  const [to, setTo] = useState<Row | null>(null);
  if (!event || !from || !mayMove(event)) return <Missing />;
  const day = dayWords(String(event.fields.occurred_on ?? ""));

  async function move(child: Row) {
    if (!event || !from) return;
    const part = freshPart(event.type, {
      ...openPart(event).now,
      household_id: String(child.fields.household_id ?? ""),
      child_id: child.id,
      corrects_id: event.id,
      void_reason: t.moved_from(nameOf(from)).slice(0, 100),
    });
    await saveFlow(
      {
        id: uuid7(),
        kind: "record",
        household: null,
        parts: [part],
        at: part.id,
        section: 0,
        trail: [],
        touched: true,
        from: `/event/${event.id}`,
      },
      t.moved(nameOf(child)),
    );
    replace(`/child/${child.id}`);
  }

  return (
    <>
      <Bar title={t.move_event} sub={`${day} · ${nameOf(from)}`} />
      <main>
        {to ? (
          <Heard>
            <Note kind="info">{t.move_sure(day, nameOf(from), nameOf(to))}</Note>
            <Button kind="primary" icon="check" onClick={() => move(to).catch(() => undefined)}>
              {t.move_to(nameOf(to))}
            </Button>
            <Button onClick={() => setTo(null)}>{t.another_child}</Button>
          </Heard>
        ) : (
          <>
            <p class="lead">{t.whose_is_it}</p>
            <Finder
              type="child"
              near={[
                ...register.value.by("child", "household_id", String(from.fields.household_id)),
                ...register.value.of("child"),
              ].filter((row, at, all) => all.indexOf(row) === at)}
              not={from.id}
              onPick={setTo}
            />
          </>
        )}
      </main>
    </>
  );
}
