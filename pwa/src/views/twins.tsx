// Somebody like that is there already: look before a twin is made.
import { type Flow, type Part, withPart } from "../forms/flow.ts";
import type { ListEntry } from "../model/edits.ts";
import type { Row } from "../model/pending.ts";
import type { Id } from "../model/wire.ts";
import { alreadyThere } from "../search/twins.ts";
import { entries, register, text } from "../session.ts";
import { Button, Link, Note } from "../ui/parts.tsx";
import { ageWords, householdOf, nameOf, phonesOf, placeOf } from "../ui/words.ts";
import { change, keep } from "./work.ts";

const numbersIn = (part: Part): string[] =>
  Array.isArray(part.now.phones)
    ? (part.now.phones as ListEntry[]).map(({ number }) => number).filter(Boolean)
    : [];

/** Children whom these phones lead to by way of a parent or carer. */
function kinOf(phones: readonly string[]): Set<Id> {
  const held = register.value;
  const kin = new Set<Id>();
  if (phones.length === 0) return kin;
  for (const person of held.of("person")) {
    if (!phonesOf(person).some(({ number }) => phones.includes(number))) continue;
    for (const row of [
      ...held.by("guardianship", "carer_id", person.id),
      ...held.by("parent_link", "parent_id", person.id),
    ])
      kin.add(String(row.fields.child_id));
  }
  return kin;
}

/** Records that may be the one in this part, without those the person has told apart. */
export function twinsOf(flow: Flow, part: Part): Row[] {
  const { now, type } = part;
  if (!part.is_new || !["household", "person", "child"].includes(type)) return [];
  const own = numbersIn(part);
  const homes = flow.parts.filter((each) => each.type === "person").flatMap(numbersIn);
  return alreadyThere(entries.value, {
    id: part.id,
    type,
    name: String((type === "household" ? now.head_name : now.name) ?? ""),
    birth: String(now.birth_date ?? ""),
    phones: own,
    kin: type === "child" ? kinOf([...own, ...homes]) : new Set(),
  }).filter(({ id }) => !part.apart?.includes(id));
}

export function Twins({ flow, part, isAsked }: { flow: Flow; part: Part; isAsked: boolean }) {
  const t = text.value;
  const twins = twinsOf(flow, part);
  return (
    <div role={isAsked ? "alert" : "status"}>
      {twins.length > 0 && (
        <Note kind="due" icon="people">
          <p>{t.already_there}</p>
          <div class="stack">
            {twins.map((row) => (
              <Link key={row.id} to={`/${row.type}/${row.id}`} small>
                {[
                  row.type === "household" ? t.family_of(nameOf(row)) : nameOf(row),
                  ageWords(row),
                  placeOf(row.type === "household" ? row : householdOf(row)),
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </Link>
            ))}
            <Button
              icon="check"
              onClick={() => {
                const apart = [...(part.apart ?? []), ...twins.map(({ id }) => id)];
                change(withPart(flow, { ...part, apart }));
                void keep();
              }}
            >
              {t.not_the_same}
            </Button>
          </div>
        </Note>
      )}
    </div>
  );
}
