// The last page of a term: thanks, whether all has arrived, and how to leave a clean phone. When the office gives
// the person something to do again, the next exchange brings the register back and this page goes.
import { forgetPhone, loop, text, unsentCount, waitingFiles } from "../session.ts";
import { Bar, Button, Link, Note } from "../ui/parts.tsx";

export function Farewell() {
  const t = text.value;
  const count = unsentCount.value;
  const files = waitingFiles.value.count;
  const isAllThere = count + files === 0;
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
        </div>
        <Button
          icon="sync"
          disabled={loop.state.value.kind === "running"}
          onClick={() => void loop.run()}
        >
          {t.sync_now}
        </Button>
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
