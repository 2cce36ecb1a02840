// The last page of a term: thanks, whether all has arrived, and how to leave a clean phone. When the office gives
// the person something to do again, the next exchange brings the register back and this page goes.
import { forgetPhone, loop, text, unsentCount, waitingFiles } from "../session.ts";
import { Bar, Button, Link, Note } from "../ui/parts.tsx";
import { WhyNot } from "./sync.tsx";

export function Farewell() {
  const t = text.value;
  const count = unsentCount.value;
  const files = waitingFiles.value.count;
  const isAllThere = count + files === 0;
  const isRunning = loop.state.value.kind === "running";
  return (
    <>
      <Bar title={t.farewell} onBack={null} />
      <main class="stack">
        <p class="lead">{t.farewell_thanks}</p>
        <p>{t.farewell_why}</p>
        <div role="status">
          <Note kind={isAllThere ? "good" : "due"}>
            {isAllThere ? t.farewell_all : t.farewell_waiting(count, files)}
          </Note>
          <WhyNot />
        </div>
        <Button icon="sync" disabled={isRunning} onClick={() => void loop.run()}>
          {isRunning ? t.syncing : t.sync_now}
        </Button>
        {count > 0 && !isRunning && (
          <Link to="/carry" kind="plain">
            {t.carry_instead}
          </Link>
        )}
        {isAllThere && (
          <Button
            kind="danger"
            icon="remove"
            onClick={() => {
              if (confirm(t.forget_phone_sure)) void forgetPhone();
            }}
          >
            {t.forget_phone}
          </Button>
        )}
        <Link to="/me/help" icon="help">
          {t.help}
        </Link>
      </main>
    </>
  );
}
