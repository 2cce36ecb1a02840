// Enrolment: whose code is this? -> a PIN, twice -> the first download -> ready, also with no network.
// The code is used up only when the PIN stands, so that a broken-off enrolment costs nothing.
import { useEffect, useRef, useState } from "preact/hooks";
import type { EnrolPeek } from "../model/wire.ts";
import { replace, route } from "../route.ts";
import { changed, device, loop, phase, store, text, touch, wire } from "../session.ts";
import { rememberProfile } from "../store/profiles.ts";
import { enrol, NoAnswer, peek, Refused } from "../sync/call.ts";
import { Button, Note, Progress } from "../ui/parts.tsx";
import { PinInput } from "./pin-input.tsx";

const MIN_PIN = 6;

type Step =
  | { kind: "code" }
  | { kind: "looking" }
  | { kind: "confirm"; peek: EnrolPeek }
  | { kind: "pin"; peek: EnrolPeek }
  | { kind: "again"; peek: EnrolPeek; pin: string }
  | { kind: "working"; peek: EnrolPeek }
  | { kind: "download" };

/** The phone's own words about itself, for the list of devices in the office. */
function phoneLabel(): string {
  const agent = navigator.userAgent;
  const model =
    agent.match(/Android [^;)]*; ([^;)]+)/)?.[1] ?? agent.match(/\(([^;)]+)/)?.[1] ?? "";
  const browser = agent.match(
    /(HuaweiBrowser|MiuiBrowser|UCBrowser|Edg\w*|Chrome|Firefox|Version)\/\d+/,
  );
  return [model.replace(/ Build.*/, ""), browser?.[0]].filter(Boolean).join(" · ").slice(0, 80);
}

/** Simple runs and repeats are the first thing a finder tries. */
function isWeak(pin: string): boolean {
  const isRun = [...pin].every((digit, at) => at === 0 || digit === pin[at - 1]);
  return isRun || "01234567890".includes(pin) || "09876543210".includes(pin);
}

/** Why a new PIN will not do, or "". */
export function pinProblem(pin: string): string {
  const t = text.value;
  return pin.length < MIN_PIN ? t.pin_short : isWeak(pin) ? t.pin_weak : "";
}

export function Enrol() {
  const t = text.value;
  const given = route.value[1] ?? "";
  const [code, setCode] = useState(given);
  const [step, setStep] = useState<Step>({ kind: given ? "looking" : "code" });
  const [problem, setProblem] = useState("");

  useEffect(() => {
    if (given) void look(given);
  }, [given]);

  function said(error: unknown): string {
    if (error instanceof Refused) return error.message;
    if (error instanceof NoAnswer) return t.no_answer;
    return t.went_wrong(String(error));
  }

  async function look(text_: string) {
    setProblem("");
    setStep({ kind: "looking" });
    try {
      setStep({ kind: "confirm", peek: await peek(wire, text_) });
    } catch (error) {
      setProblem(said(error));
      setStep({ kind: "code" });
    }
  }

  async function finish(found: EnrolPeek, pin: string) {
    setProblem("");
    setStep({ kind: "working", peek: found });
    try {
      const answer = await enrol(wire, code, phoneLabel());
      await store.create(
        pin,
        {
          device: answer.device,
          token: answer.token,
          village: answer.village,
          account: answer.account,
          epoch: answer.epoch,
          buckets: Object.fromEntries(
            answer.buckets.map((bucket) => [bucket, { cursor: 0, digest: "0".repeat(32) }]),
          ),
          limbo: {},
          mismatches: 0,
          mismatch_at: 0,
          contact: answer.now,
          clock: 1,
          first_done: false,
          last_sync_at: 0,
          agreed_at: 0,
          receipt: null,
        },
        answer.generation,
      );
      rememberProfile(answer.account.name);
      phase.value = "open";
      touch();
      replace("/ready");
    } catch (error) {
      setProblem(said(error));
      setStep({ kind: "confirm", peek: found });
    }
  }

  return (
    <main class="door">
      <p class="steps" aria-hidden="true">
        {t.enrol_steps}
      </p>
      <h1>{t.enrol_this_phone}</h1>
      {problem && (
        <div role="alert">
          <Note kind="danger">{problem}</Note>
        </div>
      )}
      {step.kind === "code" && (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void look(code);
          }}
        >
          <label class="ask" for="code">
            {t.enrol_code}
          </label>
          <input
            id="code"
            class="input code"
            value={code}
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            placeholder="ABCD-EFGH-JKMN"
            onInput={(event) => setCode(event.currentTarget.value)}
          />
          <p class="soft">{t.enrol_code_hint}</p>
          <Button kind="primary" type="submit" disabled={code.trim().length < 8}>
            {t.go_on}
          </Button>
        </form>
      )}
      {step.kind === "looking" && <p class="lead">{t.looking_up_code}</p>}
      {step.kind === "confirm" && (
        <section class="stack">
          <p class="lead">{t.is_this_you}</p>
          <dl class="who">
            <div>
              <dt>{t.village}</dt>
              <dd>{step.peek.village.name}</dd>
            </div>
            <div>
              <dt>{t.your_name}</dt>
              <dd>{step.peek.account.name}</dd>
            </div>
          </dl>
          <p class="soft">{t.same_name_in_office}</p>
          <Button kind="primary" onClick={() => setStep({ kind: "pin", peek: step.peek })}>
            {t.yes_its_me}
          </Button>
          <Button
            onClick={() => {
              setCode("");
              setStep({ kind: "code" });
            }}
          >
            {t.no_other_code}
          </Button>
        </section>
      )}
      {step.kind === "pin" && (
        <PinStep
          key="pin"
          label={t.choose_pin}
          hint={t.choose_pin_hint}
          action={t.go_on}
          check={pinProblem}
          onPin={(pin) => setStep({ kind: "again", peek: step.peek, pin })}
        />
      )}
      {step.kind === "again" && (
        <PinStep
          key="again"
          label={t.pin_again}
          hint={t.pin_again_hint}
          action={t.done}
          check={(pin) => (pin === step.pin ? "" : t.pin_differs)}
          onPin={(pin) => void finish(step.peek, pin)}
        />
      )}
      {step.kind === "working" && (
        <p class="lead" role="status">
          {t.making_key}
        </p>
      )}
    </main>
  );
}

function PinStep(props: {
  label: string;
  hint: string;
  action: string;
  check: (pin: string) => string;
  onPin: (pin: string) => void;
}) {
  const [pin, setPin] = useState("");
  const [problem, setProblem] = useState("");
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        const found = props.check(pin);
        setProblem(found);
        if (!found) props.onPin(pin);
      }}
    >
      <PinInput
        label={props.label}
        value={pin}
        isNew
        problem={problem}
        onChange={(next) => {
          setPin(next);
          setProblem("");
        }}
      />
      <p class="soft">{props.hint}</p>
      <Button kind="primary" type="submit">
        {props.action}
      </Button>
    </form>
  );
}

/** The first download, then "ready". */
export function Ready() {
  const t = text.value;
  const began = useRef(false);
  const state = loop.state.value;
  changed.value;
  const isDone = device.value?.first_done ?? false;

  useEffect(() => {
    if (began.current) return;
    began.current = true;
    loop.start();
  }, []);

  const received = state.kind === "running" ? state.progress.received : 0;
  const rows = [...(store.memory?.rows.values() ?? [])].reduce((sum, held) => sum + held.size, 0);
  return (
    <main class="door">
      <p class="steps" aria-hidden="true">
        {t.enrol_steps_last}
      </p>
      {isDone ? (
        <>
          <h1>{t.ready_title}</h1>
          <Note kind="good">{t.ready(rows)}</Note>
          <p class="lead">{t.ready_offline}</p>
          <Button kind="primary" onClick={() => replace("/today")}>
            {t.begin}
          </Button>
        </>
      ) : (
        <>
          <h1>{t.first_download}</h1>
          <div role="status" class="stack">
            <Progress value={rows === 0 ? 0.05 : rows / (rows + 150)} label={t.first_download} />
            <p class="lead">{t.downloaded(Math.max(rows, received))}</p>
            {state.kind === "running" && <p class="soft">{t.kilobytes(state.progress.bytes)}</p>}
          </div>
          {(state.kind === "waiting" || state.kind === "refused") && (
            <>
              <Note kind="due">
                {state.kind === "refused" ? state.message : t.no_answer_goes_on}
              </Note>
              <Button kind="primary" icon="sync" onClick={() => void loop.run()}>
                {t.try_again}
              </Button>
            </>
          )}
        </>
      )}
    </main>
  );
}
