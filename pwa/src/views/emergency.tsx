// Danger: numbers first, one tap to call, with no network and even while the app is locked.
import type { Row } from "../model/pending.ts";
import { device, language, phase, register, text } from "../session.ts";
import { Icon } from "../ui/icon.tsx";
import { Bar, Button, Note } from "../ui/parts.tsx";
import { nameOf, phonesOf } from "../ui/words.ts";
import { eventsAbout, flowOf, startEvent } from "./start.ts";

/** Who comes soonest stands first. */
const NEAR = ["POLICE", "HOSP", "CIVIL", "WOMEN"];
const nearness = (row: Row): number => {
  const at = NEAR.indexOf(String(row.fields.kind));
  return at < 0 ? NEAR.length : at;
};
const AFTERWARDS = ["mandatory_report", "help_request"];

/** `of`: whose page was on the screen, so that the record is about that child. */
export function Emergency({ of = "" }: { of?: string }) {
  const t = text.value;
  const part = flowOf(of)?.parts[0];
  const about =
    register.value.get(of) ??
    register.value.get(part?.now.child_id ?? part?.now.household_id) ??
    null;
  const national = [
    { number: "110", words: t.call_110 },
    { number: "120", words: t.call_120 },
  ];
  const hotlines = [
    { number: "12345", words: t.call_12345 },
    { number: "12355", words: t.call_12355 },
    { number: "12338", words: t.call_12338 },
  ];
  const local =
    phase.value === "open"
      ? [...register.value.of("contact")]
          .sort((a, b) => nearness(a) - nearness(b))
          .flatMap((row) =>
            [
              ...phonesOf(row).map((phone) => phone.number),
              ...(typeof row.fields.phone === "string" ? [row.fields.phone] : []),
            ].map((number) => ({ number, words: nameOf(row) })),
          )
      : [];
  const records =
    phase.value === "open"
      ? eventsAbout("child")
          .filter(({ name }) => AFTERWARDS.includes(name))
          .reverse()
      : [];
  return (
    <>
      <Bar title={t.emergency} danger={false} />
      <main>
        <p class="lead">{t.emergency_first}</p>
        <ul class="calls">
          {[...national, ...local, ...hotlines].map(({ number, words }, at) => (
            <li key={number + words}>
              <a class={`call ${at === 0 ? "first" : ""}`} href={`tel:${number}`}>
                <Icon name="phone" />
                <strong>{number}</strong>
                <span>{words}</span>
              </a>
            </li>
          ))}
        </ul>
        <Note kind="due" icon="warning">
          {t.emergency_law}
        </Note>
        <p class="soft">{device.value ? t.emergency_after : ""}</p>
        {records.length > 0 && <h2>{t.write_report}</h2>}
        <div class="actions">
          {records.map((type) => (
            <Button
              key={type.name}
              icon="edit"
              onClick={() => startEvent(type, about, `/emergency/${of}`)}
            >
              {type.label[language.value]}
            </Button>
          ))}
        </div>
      </main>
    </>
  );
}
