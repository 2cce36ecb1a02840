// 我的: who this phone belongs to, language, PIN, the phone check, help.
import { useEffect, useState } from "preact/hooks";
import { back, go } from "../route.ts";
import { device, language, lock, notice, programme, setLanguage, store, text } from "../session.ts";
import { WrongPin } from "../store/vault.ts";
import { Bar, Button, Link, Note } from "../ui/parts.tsx";
import { ago, gridName, ownGrids } from "../ui/words.ts";
import { installPrompt, shellVersion } from "../update.ts";
import { pinProblem } from "./enrol.tsx";
import { Chip } from "./households.tsx";
import { PinInput } from "./pin-input.tsx";

export function Me() {
  const t = text.value;
  const held = device.value;
  if (!held) return null;
  const grids = ownGrids().map(gridName);
  return (
    <>
      <Bar title={t.me} onBack={null} />
      <main>
        <section class="card">
          <dl class="who">
            <div>
              <dt>{t.your_name}</dt>
              <dd>{held.account.name}</dd>
            </div>
            <div>
              <dt>{t.role}</dt>
              <dd>{t.roles[held.account.role] ?? held.account.role}</dd>
            </div>
            <div>
              <dt>{t.village}</dt>
              <dd>{held.village.name}</dd>
            </div>
            {grids.length > 0 && (
              <div>
                <dt>{t.my_grids}</dt>
                <dd>{grids.join(t.and)}</dd>
              </div>
            )}
          </dl>
        </section>
        <div class="question">
          <p class="ask" id="language">
            {t.language}
          </p>
          <div class="choices" role="group" aria-labelledby="language">
            <Chip isOn={language.value === "zh"} onClick={() => setLanguage("zh")}>
              中文
            </Chip>
            <Chip isOn={language.value === "en"} onClick={() => setLanguage("en")}>
              English
            </Chip>
          </div>
        </div>
        <div class="stack">
          <Storage />
          <Button icon="lock" onClick={lock}>
            {t.lock_now}
          </Button>
          <Link to="/me/pin" icon="edit">
            {t.change_pin}
          </Link>
          <Link to="/drafts" icon="draft">
            {t.drafts}
          </Link>
          <Link to="/enrol" icon="add">
            {t.add_profile}
          </Link>
          <Link to="/me/check" icon="device">
            {t.phone_check}
          </Link>
          <Link to="/me/help" icon="help">
            {t.help}
          </Link>
        </div>
      </main>
    </>
  );
}

/** Whether the browser has promised to keep what is stored, and the ways to make it promise. */
function Storage() {
  const t = text.value;
  const [isKept, setKept] = useState<boolean | null>(null);
  useEffect(() => {
    void navigator.storage?.persisted?.().then(setKept);
  }, []);
  const prompt = installPrompt.value;
  return (
    <>
      {isKept !== null && (
        <Note kind={isKept ? "good" : "due"} icon={isKept ? "check" : "warning"}>
          {t.named_value(t.check_persisted, isKept ? t.yes : t.no_best_effort)}
        </Note>
      )}
      {isKept === false && (
        <Button onClick={() => void navigator.storage.persist().then(setKept)}>
          {t.protect_storage}
        </Button>
      )}
      {prompt && (
        <Button
          icon="device"
          onClick={() => {
            // It asks once. A browser that would ask again offers it anew.
            installPrompt.value = null;
            void prompt.prompt();
          }}
        >
          {t.install}
        </Button>
      )}
    </>
  );
}

export function ChangePin() {
  const t = text.value;
  const [old, setOld] = useState("");
  const [pin, setPin] = useState("");
  const [again, setAgain] = useState("");
  const [problem, setProblem] = useState("");
  const [isWorking, setWorking] = useState(false);

  async function change() {
    const weakness = pinProblem(pin);
    if (weakness) return setProblem(weakness);
    if (pin !== again) return setProblem(t.pin_differs);
    setWorking(true);
    try {
      await store.changePin(old, pin);
      notice.value = t.pin_changed;
      back("/me");
    } catch (error) {
      setProblem(error instanceof WrongPin ? t.pin_wrong : t.went_wrong(String(error)));
    } finally {
      setWorking(false);
    }
  }

  return (
    <>
      <Bar title={t.change_pin} />
      <main>
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void change();
          }}
        >
          <PinInput label={t.old_pin} value={old} onChange={setOld} />
          <PinInput label={t.choose_pin} value={pin} isNew isLater onChange={setPin} />
          <PinInput label={t.pin_again} value={again} isNew isLater onChange={setAgain} />
          {problem && (
            <div role="alert">
              <Note kind="danger">{problem}</Note>
            </div>
          )}
          <Button kind="primary" type="submit" disabled={isWorking}>
            {isWorking ? t.making_key : t.change_pin}
          </Button>
        </form>
      </main>
    </>
  );
}

interface Check {
  words: string;
  value: string;
}

/**
 * All of it in one line that can be read over the phone, in five parts: app version, browser, four facts (1 or 0:
 * storage protected, works offline, network, village's key known), records not sent, days since both ends agreed.
 */
function checkCode(facts: boolean[], shell: string): string {
  const agent = navigator.userAgent;
  const browser = /(HuaweiBrowser|MiuiBrowser|UCBrowser|Edg|Firefox|Chrome|Version)\w*\/(\d+)/.exec(
    agent,
  );
  const agreed = store.memory?.device.agreed_at ?? 0;
  return [
    shell.slice(0, 4) || "0",
    `${browser?.[1]?.[0] ?? "X"}${browser?.[2] ?? ""}`,
    facts.map(Number).join(""),
    String(store.memory ? store.unsent().length : 0),
    agreed ? String(Math.max(0, Math.floor((Date.now() - agreed) / 86_400_000))) : "X",
  ]
    .join("-")
    .toUpperCase();
}

async function checks(): Promise<Check[]> {
  const t = text.value;
  const persisted = (await navigator.storage?.persisted?.()) ?? false;
  const estimate = await navigator.storage?.estimate?.();
  const megabytes = (bytes = 0) => `${(bytes / 1_000_000).toFixed(1)} MB`;
  const memory = store.memory;
  const rows = [...(memory?.rows.values() ?? [])].reduce((sum, held) => sum + held.size, 0);
  const boxes = (await store.orphans()).length;
  const shell = await shellVersion();
  const code = checkCode([persisted, !!shell, navigator.onLine, !!memory?.device.carry], shell);
  return [
    { words: t.check_code, value: code },
    { words: t.check_boxes, value: String(boxes) },
    { words: t.check_files, value: String(memory ? store.waitingFiles().length : 0) },
    { words: t.check_browser, value: navigator.userAgent },
    { words: t.check_persisted, value: persisted ? t.yes : t.no_best_effort },
    {
      words: t.check_storage,
      value: `${megabytes(estimate?.usage)} / ${megabytes(estimate?.quota)}`,
    },
    { words: t.check_worker, value: navigator.serviceWorker?.controller ? t.yes : t.no },
    { words: t.check_rows, value: String(rows) },
    { words: t.check_shell, value: shell },
    { words: t.check_programme, value: programme.value?.version ?? "" },
    { words: t.check_device, value: memory?.device.device ?? "" },
    { words: t.check_network, value: navigator.onLine ? t.yes : t.no },
    { words: t.check_agreed, value: ago(memory?.device.agreed_at ?? 0) },
    {
      words: t.check_mismatches,
      value: t.mismatches(memory?.device.mismatches ?? 0, ago(memory?.device.mismatch_at ?? 0)),
    },
  ];
}

export function PhoneCheck() {
  const t = text.value;
  const [list, setList] = useState<Check[]>([]);
  useEffect(() => {
    void checks().then(setList);
  }, []);
  return (
    <>
      <Bar title={t.phone_check} />
      <main>
        <p class="lead">{t.phone_check_hint}</p>
        <dl class="fields card">
          {list.map(({ words, value }) => (
            <div class="field" key={words}>
              <dt>{words}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </main>
    </>
  );
}

export function Help() {
  const t = text.value;
  return (
    <>
      <Bar title={t.help} />
      <main class="help">
        {t.help_topics.map(([question, answer]) => (
          <details key={question} class="section">
            <summary>{question}</summary>
            <p>{answer}</p>
          </details>
        ))}
        <Button icon="danger" kind="danger" onClick={() => go("/emergency")}>
          {t.emergency}
        </Button>
      </main>
    </>
  );
}
