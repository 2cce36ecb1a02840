// Shows a screen of the seldom part as soon as that part is read.
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { text } from "../session.ts";
import { Button, Note } from "../ui/parts.tsx";

export type Seldom = typeof import("./seldom.ts");

const seldom = signal<Seldom | null>(null);
const isMissing = signal(false);

/** Also called ahead of need: a page that has read it is not stopped by a new version taking its place. */
export async function readSeldom(): Promise<void> {
  try {
    seldom.value ??= await import("./seldom.ts");
  } catch {
    isMissing.value = true;
  }
}

/** The same for a piece of a screen. */
export function LaterPart({ show }: { show: (all: Seldom) => JSX.Element }): JSX.Element | null {
  useEffect(() => void readSeldom(), []);
  if (seldom.value) return show(seldom.value);
  return isMissing.value ? <Note kind="due">{text.value.part_missing}</Note> : null;
}

export function Later({ show }: { show: (all: Seldom) => JSX.Element }): JSX.Element {
  useEffect(() => {
    isMissing.value = false;
    void readSeldom();
  }, []);
  if (seldom.value) return show(seldom.value);
  const t = text.value;
  return (
    <main class="door" aria-busy={!isMissing.value}>
      {isMissing.value && (
        <>
          <div role="alert">
            <Note kind="due">{t.part_missing}</Note>
          </div>
          <Button kind="primary" icon="sync" onClick={() => location.reload()}>
            {t.try_again}
          </Button>
        </>
      )}
    </main>
  );
}
