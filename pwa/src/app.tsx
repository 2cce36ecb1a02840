// Which screen is on, and what lies round every screen: the strip, the four ways, what was just saved.
import type { JSX } from "preact";
import { unsupported } from "./boot.ts";
import { go, route } from "./route.ts";
import {
  changed,
  device,
  failure,
  isDone,
  loop,
  notice,
  phase,
  register,
  store,
  text,
  undo,
  undoable,
  unsentCount,
} from "./session.ts";
import { Icon, type IconName } from "./ui/icon.tsx";
import { Button, Note } from "./ui/parts.tsx";
import { applyUpdate, isUpdateReady } from "./update.ts";
import { Child, Person } from "./views/child.tsx";
import { ChatApp, isChatApp, isEnrolling, Unsupported, Welcome, Wiped } from "./views/door.tsx";
import { Emergency } from "./views/emergency.tsx";
import { Drafts, FlowPage } from "./views/flow.tsx";
import { Household } from "./views/household.tsx";
import { Households } from "./views/households.tsx";
import { Later, type Seldom } from "./views/later.tsx";
import { Strip, Sync } from "./views/sync.tsx";
import { EventPage } from "./views/timeline.tsx";
import { Today } from "./views/today.tsx";
import { Unlock } from "./views/unlock.tsx";

const WAYS: { path: string; icon: IconName; words: "today" | "households" | "sync" | "me" }[] = [
  { path: "today", icon: "today", words: "today" },
  { path: "households", icon: "house", words: "households" },
  { path: "sync", icon: "sync", words: "sync" },
  { path: "me", icon: "person", words: "me" },
];

export function App(): JSX.Element {
  if (isChatApp(navigator.userAgent)) return <ChatApp />;
  switch (phase.value) {
    case "starting":
      return <main class="door" aria-busy="true" />;
    case "unsupported":
      return <Unsupported missing={unsupported.value} />;
    case "wiped":
      return <Wiped />;
    case "fresh":
    case "lost":
      return isEnrolling() ? (
        <Later show={({ Enrol }) => <Enrol />} />
      ) : (
        <Welcome lost={phase.value === "lost"} />
      );
    case "locked":
      if (isEnrolling()) return <Later show={({ AnotherPerson }) => <AnotherPerson />} />;
      return route.value[0] === "emergency" ? <Emergency /> : <Unlock />;
    case "open":
      return <Open />;
  }
}

function Open() {
  const [place = "today", id = ""] = route.value;
  if (!device.value?.first_done || place === "ready")
    return <Later show={({ Ready }) => <Ready />} />;
  const isEnded = Object.keys(device.value.buckets).length === 0;
  const isForm = place === "flow" && !isDone(id);
  return (
    <>
      {failure.value && (
        <div role="alert" class="failure">
          <Note kind="danger" icon="warning">
            {failure.value}
            <Button
              small
              onClick={() => {
                failure.value = "";
              }}
            >
              {text.value.close}
            </Button>
          </Note>
        </div>
      )}
      <div role="status" class="failure">
        {notice.value && <Note kind="info">{notice.value}</Note>}
      </div>
      {isEnded && !["sync", "carry", "codes", "me", "emergency", "enrol"].includes(place) ? (
        <Later show={({ Farewell }) => <Farewell />} />
      ) : (
        <Screen place={place} id={id} />
      )}
      {/* Behind a form it waits, so that a receipt is shown at once. */}
      <footer class="dock" hidden={isForm}>
        {!isForm && <Saved />}
        {!isForm && isUpdateReady.value && mayUpdate() && (
          <button type="button" class="strip update" onClick={applyUpdate}>
            <Icon name="sync" />
            <span>{text.value.update_ready}</span>
          </button>
        )}
        <Strip />
        <Ways place={place} />
      </footer>
    </>
  );
}

function Ways({ place }: { place: string }) {
  return (
    <nav aria-label={text.value.ways}>
      {WAYS.map(({ path, icon, words }) => (
        <a key={path} href={`#/${path}`} aria-current={place === path ? "page" : undefined}>
          <Icon name={icon} />
          <span>{text.value[words]}</span>
        </a>
      ))}
    </nav>
  );
}

/** What waits is sent by the version that saved it, unless the server refuses that version. */
function mayUpdate(): boolean {
  return unsentCount.value === 0 || loop.state.value.kind === "refused";
}

function Screen({ place, id: named }: { place: string; id: string }) {
  // An old link to a record that turned out to be another one opens the other.
  const id = register.value.resolve(named);
  switch (place) {
    case "households":
      return <Households />;
    case "household":
      return <Household key={id} id={id} />;
    case "child":
      return <Child key={id} id={id} />;
    case "person":
      return <Person key={id} id={id} />;
    case "event":
      return <EventPage key={id} id={id} />;
    case "flow":
      return <FlowPage key={id} id={id} />;
    case "move":
      return <Later show={({ Move }) => <Move key={id} id={id} />} />;
    case "split":
      return <Later show={({ Split }) => <Split key={id} id={id} />} />;
    case "join":
      return <Later show={({ Join }) => <Join key={id} id={id} />} />;
    case "drafts":
      return <Drafts />;
    case "emergency":
      return <Emergency of={id} />;
    case "sync":
      return <Sync />;
    case "carry":
      return <Later show={({ Carry }) => <Carry receipt={named} />} />;
    case "codes":
      return <Later show={({ Codes }) => <Codes />} />;
    case "me":
      return <Later show={(all) => mine(all, id)} />;
    case "enrol":
      return <Later show={({ AnotherPerson }) => <AnotherPerson />} />;
    default:
      return <Today />;
  }
}

function mine({ ChangePin, Help, Me, PhoneCheck }: Seldom, id: string): JSX.Element {
  if (id === "pin") return <ChangePin />;
  if (id === "check") return <PhoneCheck />;
  if (id === "help") return <Help />;
  return <Me />;
}

/** What was saved last, and the way back from it. */
function Saved() {
  const t = text.value;
  const last = undoable.value;
  changed.value;
  const sent = store.memory?.counters.sent_seq ?? 0;
  const { generation, seq } = last?.op ?? {};
  // Where it has arrived there is nothing to take back, though its pictures are still on their way.
  const waits = store.memory?.ops.some(
    (op) => op.generation === generation && op.seq === seq && op.rev === undefined,
  );
  const isOver = loop.state.value.kind === "idle" || !waits;
  if (!last || (last.op.seq <= sent && isOver)) return null;
  async function takeBack() {
    const flow = undoable.value?.flow;
    if ((await undo()) && flow) go(`/flow/${flow.id}`);
  }
  return (
    <div class="saved" role="status">
      <Icon name="check" />
      <p>
        <strong>{last.words}</strong>
        <small>{t.saved_on_phone}</small>
      </p>
      {last.op.seq > sent && (
        <Button small icon="undo" onClick={() => void takeBack()}>
          {t.undo}
        </Button>
      )}
      <Button
        small
        kind="quiet"
        onClick={() => {
          undoable.value = null;
        }}
      >
        {t.close}
      </Button>
    </div>
  );
}
