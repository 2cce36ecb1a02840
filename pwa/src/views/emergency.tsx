// Danger: numbers first, one tap to call, with no network and even while the app is locked.
import { device, phase, register, text } from "../session.ts";
import { Icon } from "../ui/icon.tsx";
import { Bar, Button, Note } from "../ui/parts.tsx";
import { nameOf, phonesOf } from "../ui/words.ts";
import { eventsAbout, startEvent } from "./start.ts";

export function Emergency() {
  const t = text.value;
  const national = [
    { number: "110", words: t.call_110 },
    { number: "120", words: t.call_120 },
    { number: "12345", words: t.call_12345 },
    { number: "12355", words: t.call_12355 },
    { number: "12338", words: t.call_12338 },
  ];
  const local =
    phase.value === "open"
      ? register.value
          .of("contact")
          .flatMap((row) =>
            [
              ...phonesOf(row).map((phone) => phone.number),
              ...(typeof row.fields.phone === "string" ? [row.fields.phone] : []),
            ].map((number) => ({ number, words: nameOf(row) })),
          )
      : [];
  const report =
    phase.value === "open"
      ? eventsAbout("child_id").find((type) => type.name === "mandatory_report")
      : undefined;
  return (
    <>
      <Bar title={t.emergency} danger={false} />
      <main>
        <p class="lead">{t.emergency_first}</p>
        <ul class="calls">
          {[...national, ...local].map(({ number, words }, at) => (
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
        {report && (
          <Button icon="edit" onClick={() => void startEvent(report, null, "/emergency")}>
            {t.write_report}
          </Button>
        )}
      </main>
    </>
  );
}
