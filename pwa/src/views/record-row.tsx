// A household, person or child in a list. One shape for all of them, so that one can be written over another.
import type { Row } from "../model/pending.ts";
import { register, text } from "../session.ts";
import { Icon } from "../ui/icon.tsx";
import { Tag } from "../ui/parts.tsx";
import { ageWords, householdOf, nameOf, placeOf, said } from "../ui/words.ts";
import { maySurvey } from "./start.ts";

/** One and the same everywhere, so that it is not looked at again. */
const MORE = <Icon name="more" />;

interface Words {
  name: string;
  /** Where, or who. */
  first: string;
  /** With whom. */
  second: string;
  /** How it stands with it. */
  tag: { kind: "plain" | "due" | "good"; words: string } | null;
}

function ofHousehold(row: Row): Words {
  const t = text.value;
  const children = register.value.by("child", "household_id", row.id);
  const surveys = register.value.by("survey", "household_id", row.id);
  const latest = [...surveys].sort((a, b) =>
    String(b.fields.occurred_on).localeCompare(String(a.fields.occurred_on)),
  )[0];
  const notSurveyed = maySurvey() ? { kind: "due" as const, words: t.not_surveyed } : null;
  return {
    name: t.family_of(nameOf(row)),
    first: placeOf(row),
    second:
      children.length > 0
        ? t.named_value(t.children_count(children.length), children.map(nameOf).join(t.and))
        : t.no_child,
    tag: latest
      ? { kind: latest.fields.result === "V" ? "good" : "due", words: said(latest, "result") }
      : notSurveyed,
  };
}

function ofPerson(row: Row, atHome: boolean): Words {
  const t = text.value;
  const household = atHome ? undefined : householdOf(row);
  return {
    name: nameOf(row),
    first: [said(row, "sex"), ageWords(row), placeOf(household)].filter(Boolean).join(" · "),
    second: household ? t.family_of(nameOf(household)) : "",
    tag: { kind: "plain", words: row.type === "child" ? t.child : t.adult },
  };
}

/** `atHome`: among those of its household, which need not be said. */
export function RecordRow({ row, atHome = false }: { row: Row; atHome?: boolean }) {
  const t = text.value;
  const { name, first, second, tag } =
    row.type === "household" ? ofHousehold(row) : ofPerson(row, atHome);
  return (
    <a class="row" href={`#/${row.type}/${row.id}`}>
      <span class="row-main">
        <strong>{name}</strong>
        <small>{first}</small>
        {second && <small class="soft">{second}</small>}
      </span>
      <span class="row-tags">
        {tag && <Tag kind={tag.kind}>{tag.words}</Tag>}
        {row.contested && row.type !== "household" && <Tag kind="look">{t.contested}</Tag>}
        {row.pending && <Tag kind="look">{t.unsent}</Tag>}
      </span>
      {MORE}
    </a>
  );
}
