// The lock screen. A wrong PIN costs time, ten of them the phone's copy; never what was saved, which goes
// to the village in boxes.
import { useEffect, useState } from "preact/hooks";
import { erased, loop, nextClock, phase, store, text, touch } from "../session.ts";
import { readMarker } from "../store/marker.ts";
import {
  chosen,
  forgetProfile,
  otherProfiles,
  profiles,
  rememberProfile,
} from "../store/profiles.ts";
import { Erased, TooSoon } from "../store/store.ts";
import { WrongPin } from "../store/vault.ts";
import { Button, Link, Note } from "../ui/parts.tsx";
import { Others } from "./others.tsx";
import { PinInput } from "./pin-input.tsx";
import { untouched } from "./start.ts";

export function Unlock() {
  const t = text.value;
  const [pin, setPin] = useState("");
  const [problem, setProblem] = useState("");
  const [isOpening, setOpening] = useState(false);
  const [waitUntil, setWait] = useState(0);
  const [now, setNow] = useState(Date.now());
  const [isUnsealed, setUnsealed] = useState(false);
  const waiting = Math.ceil((waitUntil - now) / 1000);
  const own = profiles().find((each) => each.database === chosen)?.name;
  const { unsent = 0, files = 0 } = readMarker() ?? {};

  useEffect(() => {
    if (waitUntil <= Date.now()) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [waitUntil]);

  async function open() {
    setOpening(true);
    setProblem("");
    try {
      await store.unlock(pin, Date.now());
      await nextClock(untouched);
      rememberProfile(store.memory?.device.account.name ?? "");
      phase.value = "open";
      touch();
      loop.start();
    } catch (error) {
      if (error instanceof Erased) {
        erased.value = true;
        forgetProfile();
        phase.value = "fresh";
      } else if (error instanceof TooSoon) {
        setWait(Date.now() + error.waitMs);
        setNow(Date.now());
      } else if (error instanceof WrongPin) {
        setProblem(t.pin_wrong);
      } else {
        setProblem(t.went_wrong(String(error)));
      }
      setOpening(false);
      setPin("");
    }
  }

  async function startAnew() {
    if (!confirm(files > 0 ? t.start_anew_files(files) : t.start_anew_sure)) return;
    if (await store.erase(files > 0)) {
      forgetProfile();
      phase.value = "fresh";
    } else setUnsealed(true);
  }

  return (
    <main class="door">
      <img class="door-mark" src="/app/icon.svg" alt="" />
      <h1>{t.app_name}</h1>
      {otherProfiles().length > 0 && <p class="lead">{own}</p>}
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (pin && !isOpening && waiting <= 0) void open();
        }}
      >
        <PinInput label={t.enter_pin} value={pin} problem={problem} onChange={setPin} />
        {waiting > 0 && <Note kind="due">{t.wait_seconds(waiting)}</Note>}
        <Button kind="primary" icon="lock" type="submit" disabled={isOpening || waiting > 0}>
          {isOpening ? t.opening : t.unlock}
        </Button>
      </form>
      <p class="soft">{unsent + files > 0 ? t.locked_unsent(unsent, files) : t.locked_safe}</p>
      <Others />
      <details>
        <summary>{t.forgot_pin}</summary>
        <p class="lead">{isUnsealed ? t.forgot_pin_unsealed : t.forgot_pin_do}</p>
        {files > 0 && <Note kind="danger">{t.forgot_pin_files(files)}</Note>}
        {!isUnsealed && (
          <Button kind="danger" onClick={() => void startAnew()}>
            {t.start_anew}
          </Button>
        )}
      </details>
      <Link to="/enrol" kind="quiet" icon="add">
        {t.add_profile}
      </Link>
      <a class="button danger" href="#/emergency">
        <span>{t.emergency}</span>
      </a>
    </main>
  );
}
