// 同步: what waits, what goes on now, what came of the last exchange, and what needs a look.

import { stillOdd } from "../model/acks.ts";
import type { Decision } from "../model/disputes.ts";
import type { Change, Op } from "../model/pending.ts";
import type { FieldValue, Verdict } from "../model/wire.ts";
import {
  changed,
  device,
  language,
  loop,
  minute,
  programme,
  register,
  store,
  text,
  unsentCount,
  waitingFiles,
} from "../session.ts";
import { Icon } from "../ui/icon.tsx";
import { Bar, Button, Empty, Fact, Link, Note, Progress, Tag } from "../ui/parts.tsx";
import { ago, moment, nameOf, words } from "../ui/words.ts";
import { LaterPart } from "./later.tsx";

/** The line at the bottom of every screen. */
export function Strip() {
  const t = text.value;
  const state = loop.state.value;
  const count = unsentCount.value;
  const files = waitingFiles.value.count;
  const waiting = count + files > 0 ? t.unsent_count(count, files) : "";
  const words =
    state.kind === "running"
      ? t.syncing
      : `${waiting || t.all_sent} · ${t.last_sync(ago(device.value?.last_sync_at ?? 0))}`;
  return (
    <a class={waiting ? "strip waiting" : "strip"} href="#/sync">
      <Icon name={waiting ? "sync" : "check"} />
      <span>{words}</span>
    </a>
  );
}

/** Why the last exchange did not go through, and what to do. */
export function WhyNot() {
  const t = text.value;
  const state = loop.state.value;
  if (state.kind === "waiting") return <Note kind="due">{t.why_no_answer[state.why]}</Note>;
  if (state.kind === "paused") return <Note kind="info">{t.paused}</Note>;
  return state.kind === "refused" ? <Note kind="danger">{state.message}</Note> : null;
}

export function Sync() {
  const t = text.value;
  changed.value;
  const state = loop.state.value;
  const held = device.value;
  const waiting = store.memory ? store.unsent() : [];
  const ops = store.memory?.ops ?? [];
  const look = ops.filter((op) => op.verdicts?.length || stillOdd(op, ops).length).reverse();
  const isRunning = state.kind === "running";
  const decisions = held?.decisions ?? [];
  const receipt = held?.receipt;
  const silentDays = held?.last_sync_at
    ? Math.floor((minute.value - held.last_sync_at) / 86_400_000)
    : 0;
  const files = waitingFiles.value;
  const bringing = state.kind === "running" ? state.files : undefined;
  const oldest = waiting[0];
  const waitingHours = oldest ? (minute.value - oldest.at) / 3_600_000 : 0;
  return (
    <>
      <Bar title={t.sync} sub={t.last_sync(ago(held?.last_sync_at ?? 0))} onBack={null} />
      <main>
        <div role="status" aria-live="polite">
          {isRunning ? (
            <section class="card">
              <p class="lead">{t.sending(state.progress.sent, state.progress.to_send)}</p>
              {bringing ? (
                <>
                  <Progress value={bringing.sent / (bringing.total || 1)} label={t.files} />
                  <p class="soft">{t.files_sent(bringing.sent, bringing.total)}</p>
                </>
              ) : (
                <Progress
                  value={
                    state.progress.to_send > 0
                      ? state.progress.sent / state.progress.to_send
                      : state.progress.received / (state.progress.received + 50)
                  }
                  label={t.syncing}
                />
              )}
              <p class="soft">
                {t.received_count(state.progress.received)} · {t.kilobytes(state.progress.bytes)}
              </p>
            </section>
          ) : (
            <section class="facts">
              <Fact number={waiting.length} words={t.waiting_here} />
              {files.count > files.stuck.length && (
                <Fact
                  number={files.count - files.stuck.length}
                  words={t.files_waiting(files.bytes)}
                />
              )}
              {files.stuck.length > 0 && <Fact number={files.stuck.length} words={t.files_stuck} />}
            </section>
          )}
          <WhyNot />
          {!isRunning && silentDays >= 7 && waiting.length === 0 && (
            <Note kind="due">{t.away_long(silentDays)}</Note>
          )}
        </div>
        {waitingHours > 24 && (
          <Note kind={waitingHours > 72 ? "danger" : "due"} icon="warning">
            {t.waits_long(Math.floor(waitingHours / 24))}
          </Note>
        )}
        <Button kind="primary" icon="sync" disabled={isRunning} onClick={() => void loop.run()}>
          {isRunning ? t.syncing : t.sync_now}
        </Button>
        {isRunning && <Button onClick={() => loop.pause()}>{t.pause_sync}</Button>}
        {waiting.length > 0 && !isRunning && (
          <Link
            to="/carry"
            kind={waitingHours > 24 || state.kind === "refused" ? "plain" : "quiet"}
          >
            {t.carry_instead}
          </Link>
        )}

        {files.stuck.length > 0 && <LaterPart show={({ Stuck }) => <Stuck words={opWords} />} />}

        {receipt && (
          <>
            <h2>{t.receipt}</h2>
            <section class="card receipt">
              <p class="soft">{t.receipt_until(moment(receipt.at))}</p>
              <div class="facts">
                <Fact number={receipt.sent} words={t.receipt_sent} />
                <Fact number={receipt.received} words={t.receipt_received} />
                <Fact number={receipt.look} words={t.receipt_look} />
              </div>
              <Note kind={receipt.agreed ? "good" : "due"}>
                {receipt.agreed ? t.agreed : t.not_agreed}
              </Note>
              <p class="soft">{t.agreed_at(held?.agreed_at ? moment(held.agreed_at) : t.never)}</p>
            </section>
          </>
        )}

        {waiting.length > 0 && (
          <>
            <h2>{t.waiting_here}</h2>
            <ul class="list">
              {waiting.map((op) => (
                <li key={`${op.generation}-${op.seq}`} class="link">
                  <span class="row-main">
                    <strong>{opWords(op)}</strong>
                    <small>{moment(op.at)}</small>
                  </span>
                  <Tag kind="look">{t.saved_here}</Tag>
                </li>
              ))}
            </ul>
          </>
        )}

        <h2>{t.needs_look}</h2>
        {look.length === 0 && <Empty>{t.nothing_to_look_at}</Empty>}
        <ul class="list">
          {look.slice(0, 30).map((op) => (
            <li key={`${op.generation}-${op.seq}`} class="link">
              <span class="row-main">
                <strong>{opWords(op)}</strong>
                <small>{moment(op.at)}</small>
                {(op.verdicts ?? []).map((verdict) => (
                  <small key={`${verdict.change}-${verdict.key ?? ""}`} class="others">
                    {verdictWords(op, verdict)}
                  </small>
                ))}
                {stillOdd(op, ops).map(({ change, key, code, message }) => (
                  <small key={`${change}-${key}-${code}`} class="others">
                    {fieldWords(op, change, key)}
                    {message[language.value]}
                  </small>
                ))}
              </span>
            </li>
          ))}
        </ul>
        {decisions.length > 0 && <h2>{t.decisions}</h2>}
        <ul class="list">
          {decisions.map((each) => (
            <DecisionLine key={`${each.record}${each.key}${each.at}`} decision={each} />
          ))}
        </ul>
        <p class="soft">{t.look_hint}</p>
      </main>
    </>
  );
}

/** "心愿：您填的…，办公室核实为…" */
function DecisionLine({ decision }: { decision: Decision }) {
  const t = text.value;
  const { record, key, mine, at, reason } = decision;
  const row = register.value.get(record);
  const name = key.split("/")[0];
  const field = programme.value?.types[row?.type ?? ""]?.fields.find((each) => each.name === name);
  const told = (value: FieldValue | undefined) =>
    (field ? words(field, value) : "") || t.nothing_said;
  const own = told(mine === null || typeof mine === "boolean" ? undefined : mine);
  const now = told(row?.fields[field?.name ?? ""]);
  return (
    <li class="link">
      <span class="row-main">
        <strong>{[nameOf(row), field?.label[language.value]].filter(Boolean).join(" · ")}</strong>
        <small>{own === now ? t.decided_for(own) : t.decided_against(own, now)}</small>
        {reason && <small>{t.decided_why(reason)}</small>}
        {at > 0 && <small class="soft">{moment(at)}</small>}
      </span>
    </li>
  );
}

/** What was saved of which records. */
export interface Saved {
  changes: readonly Pick<Change, "record" | "type" | "set">[];
}

/** "走访 · 顾小满" */
export function opWords(op: Saved): string {
  const t = text.value;
  const names = op.changes.map((change) => {
    const type = programme.value?.types[change.type]?.label[language.value] ?? change.type;
    const row = register.value.get(change.record);
    const about =
      row?.type === "visit" || row?.type === "survey" || row?.fields.child_id
        ? register.value.get(row.fields.child_id ?? row.fields.household_id)
        : row;
    const fallback = String(change.set.name ?? change.set.head_name ?? "");
    const name = about ? nameOf(about) : fallback;
    return name ? `${type} · ${name}` : type;
  });
  const unique = [...new Set(names)];
  return unique.length > 3
    ? t.and_more(unique.slice(0, 2).join(t.and), unique.length - 2)
    : unique.join(t.and);
}

function verdictWords(op: Op, { change, key, verdict }: Verdict): string {
  return fieldWords(op, change, key ?? "") + (text.value.verdicts[verdict] ?? verdict);
}

/** "人口：", or nothing where the field is not known. */
function fieldWords(op: Op, place: number, key: string): string {
  const type = programme.value?.types[op.changes[place]?.type ?? ""];
  const field = type?.fields.find((each) => each.name === key.split("/")[0]);
  return field ? text.value.named_value(field.label[language.value], "") : "";
}
