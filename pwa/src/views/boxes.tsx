// Boxes of a store that was erased: they are handed over by themselves when there is a network, or go to the
// office as a file.
import { useEffect, useState } from "preact/hooks";
import { store, text, wire } from "../session.ts";
import type { StoredBox } from "../store/database.ts";
import { type HandedOver, handOver } from "../sync/carry.ts";
import { Button, Note } from "../ui/parts.tsx";
import { save } from "./sealed-file.ts";

export function Boxes() {
  const t = text.value;
  const [waiting, setWaiting] = useState<StoredBox[]>([]);
  const [done, setDone] = useState<HandedOver>({ stored: 0, left: 0 });

  async function hand() {
    try {
      const now = await handOver(store, wire);
      setDone(({ stored }) => ({ stored: stored + now.stored, left: now.left }));
    } catch {
      // No network, or a server that is busy: they go on waiting.
    }
    setWaiting(await store.orphans());
  }

  useEffect(() => {
    void store.orphans().then(setWaiting);
    void hand();
    addEventListener("online", hand);
    return () => removeEventListener("online", hand);
  }, []);

  return (
    <div role="status" class="stack">
      {done.stored > 0 && (
        <Note kind="good" icon="check">
          {t.boxes_handed(done.stored)}
        </Note>
      )}
      {waiting.length > 0 && (
        <>
          <Note kind="due">
            {done.left > 0 ? t.boxes_left(done.left) : t.boxes_waiting(waiting.length)}
          </Note>
          <Button icon="sync" onClick={() => hand()}>
            {t.hand_over}
          </Button>
          <Button onClick={() => save(waiting)}>{t.save_as_file}</Button>
        </>
      )}
    </div>
  );
}
