// One household becomes two, or two become one. Either way it is one op: all of it arrives, or none.
import { useState } from "preact/hooks";
import type { Part } from "../forms/flow.ts";
import { uuid7 } from "../model/clock.ts";
import type { FormValues } from "../model/edits.ts";
import type { Row } from "../model/pending.ts";
import { replace } from "../route.ts";
import { freshPart, openPart, register, saveFlow, text } from "../session.ts";
import { Bar, Button, Empty, Heard, Note } from "../ui/parts.tsx";
import { nameOf, placeOf } from "../ui/words.ts";
import { Finder } from "./finder.tsx";
import { maySurvey, startSplit } from "./start.ts";
import { Missing } from "./timeline.tsx";

const membersOf = (home: Row): Row[] =>
  ["child", "person"].flatMap((type) => [...register.value.by(type, "household_id", home.id)]);

const movedTo = (row: Row, home: string): Part => {
  const part = openPart(row);
  return { ...part, now: { ...part.now, household_id: home } as FormValues };
};

export function Split({ id }: { id: string }) {
  const t = text.value;
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const home = register.value.get(id);
  if (home?.type !== "household" || !maySurvey()) return <Missing />;
  const members = membersOf(home);
  const moving = members.filter((row) => chosen.includes(row.id));
  return (
    <>
      <Bar title={t.split} sub={t.family_of(nameOf(home))} />
      <main>
        <p class="lead" id="who-moves">
          {t.who_moves_out}
        </p>
        {members.length === 0 && <Empty>{t.no_members}</Empty>}
        <div class="choices" role="group" aria-labelledby="who-moves">
          {members.map((row) => (
            <label key={row.id} class="choice">
              <input
                type="checkbox"
                checked={chosen.includes(row.id)}
                onChange={() =>
                  setChosen(
                    chosen.includes(row.id)
                      ? chosen.filter((each) => each !== row.id)
                      : [...chosen, row.id],
                  )
                }
              />
              <span>{nameOf(row)}</span>
            </label>
          ))}
        </div>
        <p class="lead">{t.split_hint}</p>
        <Button
          kind="primary"
          icon="more"
          disabled={moving.length === 0 || moving.length === members.length}
          onClick={() => startSplit(home, moving).catch(() => undefined)}
        >
          {t.split_go(moving.length)}
        </Button>
      </main>
    </>
  );
}

export function Join({ id }: { id: string }) {
  const t = text.value;
  const [to, setTo] = useState<Row | null>(null);
  const home = register.value.get(id);
  if (home?.type !== "household" || !maySurvey()) return <Missing />;
  const members = membersOf(home);
  const grid = home.fields.grid_code;

  async function join(other: Row) {
    if (!home) return;
    const survey = freshPart("survey", {
      household_id: home.id,
      result: "E",
      note: t.joined_note(nameOf(other), placeOf(other)),
    });
    await saveFlow(
      {
        id: uuid7(),
        kind: "record",
        household: home.id,
        parts: [...members.map((row) => movedTo(row, other.id)), survey],
        at: survey.id,
        section: 0,
        trail: [],
        touched: true,
        from: `/household/${home.id}`,
      },
      t.joined(nameOf(home), nameOf(other)),
    );
    replace(`/household/${other.id}`);
  }

  return (
    <>
      <Bar title={t.join} sub={t.family_of(nameOf(home))} />
      <main>
        {to ? (
          <Heard>
            <Note kind="info">{t.join_sure(nameOf(home), nameOf(to), members.length)}</Note>
            <Button kind="primary" icon="check" onClick={() => join(to).catch(() => undefined)}>
              {t.join_to(nameOf(to))}
            </Button>
            <Button onClick={() => setTo(null)}>{t.another_household}</Button>
          </Heard>
        ) : (
          <>
            <p class="lead">{t.join_which}</p>
            <Finder
              type="household"
              near={register.value.of("household").filter((row) => row.fields.grid_code === grid)}
              not={home.id}
              onPick={setTo}
            />
          </>
        )}
      </main>
    </>
  );
}
