// The foot of a form. It is drawn by itself: what is pressed there answers at once, however long the form.
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Id } from "../model/wire.ts";
import { isDone } from "../session.ts";
import { Button } from "../ui/parts.tsx";
import { isTap } from "../ui/tap.ts";

const SLOW_MS = 200;

/** Its place is the receipt's as soon as the flow is saved. */
export function FormFoot({ flow, children }: { flow: Id; children: ComponentChildren }) {
  return (
    <footer class="form-foot" hidden={isDone(flow)}>
      {children}
    </footer>
  );
}

/** Saves once, however often it is pressed. */
export function SaveButton(props: {
  kind: "primary" | "plain";
  onSave: () => Promise<void>;
  children: ComponentChildren;
}) {
  const { kind, onSave, children } = props;
  const isSaving = useRef(false);
  const [isSlow, setSlow] = useState(false);

  async function save() {
    if (isSaving.current) return;
    isSaving.current = true;
    // Most saves are over before the button could be drawn anew.
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    try {
      await onSave();
    } catch {
      // The session has said why; the form and its draft stay as they are.
    } finally {
      clearTimeout(timer);
      isSaving.current = false;
      setSlow(false);
    }
  }

  return (
    <Button
      kind={kind}
      icon="check"
      disabled={isSlow}
      onClick={() => void save()}
      onTouchEnd={(event) => isTap(event) && void save()}
    >
      {children}
    </Button>
  );
}
