// The contact card: the numbers somebody in a hurry needs, one tap each.
import { ageOn } from "../model/clock.ts";
import type { Row } from "../model/pending.ts";
import { register, text, today } from "../session.ts";
import { Icon } from "../ui/icon.tsx";
import { Tag } from "../ui/parts.tsx";
import { ageWords, dayWords, householdOf, nameOf, phonesOf, placeOf, said } from "../ui/words.ts";

export function Calls({ person, words }: { person: Row; words: string }) {
  return (
    <>
      {phonesOf(person).map((phone) => (
        <a key={phone.number} class="call" href={`tel:${phone.number.replace(/\s/g, "")}`}>
          <Icon name="phone" />
          <span>{[words, phone.owner, useWords(phone.use)].filter(Boolean).join(" · ")}</span>
          <strong>{phone.number}</strong>
        </a>
      ))}
    </>
  );
}

function useWords(use: string): string {
  const uses: Record<string, string> = text.value.phone_uses;
  return use === "self" ? "" : (uses[use] ?? "");
}

export function parentLinks(child: Row): readonly Row[] {
  return register.value.by("parent_link", "child_id", child.id);
}

/** Guardianships standing today, the main one first. */
export function guardianships(child: Row): readonly Row[] {
  return [...register.value.by("guardianship", "child_id", child.id)]
    .filter((row) => !row.fields.valid_to || String(row.fields.valid_to) >= today.value)
    .sort((a, b) => Number(b.fields.is_main === "Y") - Number(a.fields.is_main === "Y"));
}

export function ContactCard({ child }: { child: Row }) {
  const t = text.value;
  const held = register.value;
  const household = householdOf(child);
  const people: { row: Row; words: string }[] = [];
  for (const link of guardianships(child)) {
    const carer = held.get(link.fields.carer_id);
    if (!carer) continue;
    const relation = said(link, "relation");
    people.push({ row: carer, words: [relation || t.carer, nameOf(carer)].join(" ") });
  }
  for (const link of parentLinks(child)) {
    const parent = held.get(link.fields.parent_id);
    if (!parent || people.some((each) => each.row.id === parent.id)) continue;
    people.push({ row: parent, words: [said(link, "relation"), nameOf(parent)].join(" ") });
  }
  const alert = said(child, "health_alert");
  const coming = parentLinks(child)
    .map((link) => String(link.fields.next_home_on ?? ""))
    .filter(Boolean)
    .sort()[0];
  return (
    <section class="card contact" aria-label={t.contact_card}>
      <p class="contact-head">
        <strong>{nameOf(child)}</strong>
        <span>{[said(child, "sex"), ageWords(child)].filter(Boolean).join(" · ")}</span>
      </p>
      <p class="contact-tags">
        {child.fields.left_behind_fact !== undefined && (
          <Tag>{said(child, "left_behind_fact")}</Tag>
        )}
        {(ageOn(String(child.fields.birth_date ?? ""), today.value) ?? 0) >= 16 && (
          <Tag>{t.sixteen}</Tag>
        )}
        {child.fields.risk_level !== undefined && (
          <Tag kind={"RO".includes(String(child.fields.risk_level)) ? "danger" : "plain"}>
            {said(child, "risk_level")}
          </Tag>
        )}
        {child.contested && <Tag kind="look">{t.contested}</Tag>}
        {child.pending && <Tag kind="look">{t.unsent}</Tag>}
      </p>
      <p>
        <Icon name="school" />{" "}
        {[said(child, "school_name"), said(child, "grade"), said(child, "class_name")]
          .filter(Boolean)
          .join(" ") || t.not_asked_yet}
      </p>
      {household && (
        <a class="place" href={`#/household/${household.id}`}>
          <Icon name="place" />
          <span>
            {placeOf(household)} {t.family_of(nameOf(household))}
            <br />
            {String(household.fields.address ?? "")}
          </span>
        </a>
      )}
      {alert && <p class="alert">{t.health_alert(alert)}</p>}
      {coming && <p class="soft">{t.parent_home_on(dayWords(coming))}</p>}
      {people.map(({ row, words }) => (
        <Calls key={row.id} person={row} words={words} />
      ))}
      <Calls person={child} words={t.child_own_phone} />
      {people.every(({ row }) => phonesOf(row).length === 0) && phonesOf(child).length === 0 && (
        <p class="soft">{t.no_phone}</p>
      )}
    </section>
  );
}
