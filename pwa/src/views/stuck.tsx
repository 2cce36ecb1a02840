// Pictures and recordings that the village would not take, however often it was asked. They stay on the phone; what
// becomes of each is for its person to say.

import { namedBy } from "../model/attachments.ts";
import { loop, register, store, text, touch, waitingFiles } from "../session.ts";
import type { FileChange } from "../store/files.ts";
import { Button, Note } from "../ui/parts.tsx";
import { Attached } from "./inputs/attached.tsx";
import type { Saved } from "./sync.tsx";

export function Stuck({ words }: { words: (saved: Saved) => string }) {
  const t = text.value;
  const { stuck } = waitingFiles.value;

  async function decide(change: FileChange) {
    await store.update(() => change);
    touch();
  }

  async function retry() {
    await decide({ retried: stuck.map(({ name }) => name) });
    void loop.run();
  }

  return (
    <section>
      <h2>{t.files_stuck}</h2>
      <Note kind="due" icon="warning">
        {t.files_stuck_do(stuck.length)}
      </Note>
      <ul class="list">
        {stuck.map(({ name }) => {
          const changes = namedBy(name, store.memory?.ops ?? [], register.value.rows.values());
          const about = words({ changes }) || t.files;
          return (
            <li key={name} class="link">
              <span class="row-main">
                <strong>{about}</strong>
                <Attached name={name} label={about} />
              </span>
              <Button
                small
                kind="quiet"
                icon="remove"
                onClick={() => {
                  if (confirm(t.file_give_up_sure)) void decide({ givenUp: [name] });
                }}
              >
                {t.file_give_up}
              </Button>
            </li>
          );
        })}
      </ul>
      <Button icon="sync" onClick={() => void retry()}>
        {t.files_retry}
      </Button>
    </section>
  );
}
