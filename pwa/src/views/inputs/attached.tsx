// A picture or recording as far as this phone holds it: shown until the village has it, then a word. And what both
// kinds of question do with their answer.
import { useEffect, useRef, useState } from "preact/hooks";
import { blobOf } from "../../files.ts";
import { attach, attached, changed, store, text } from "../../session.ts";
import { isStuck, type NewFile } from "../../store/files.ts";
import { Button, Tag } from "../../ui/parts.tsx";
import { keep } from "../work.ts";

/** `label`: what it is a picture of, for those who do not see it. */
export function Attached({ name, label }: { name: string; label: string }) {
  const t = text.value;
  changed.value;
  const file = store.memory?.files.get(name);
  const [address, setAddress] = useState("");

  useEffect(() => {
    let made = "";
    let isLeft = false;
    void attached(name)
      .then((bytes) => {
        if (!bytes || isLeft) return;
        made = URL.createObjectURL(blobOf({ name, bytes }));
        setAddress(made);
      })
      // Locked meanwhile: nothing is shown any more.
      .catch(() => undefined);
    return () => {
      isLeft = true;
      if (made) URL.revokeObjectURL(made);
      setAddress("");
    };
  }, [name, file?.done]);

  const isPicture = /\.(jpg|webp)$/.test(name);
  return (
    <span class="attached">
      {address &&
        (isPicture ? (
          <img src={address} alt={label} />
        ) : (
          // biome-ignore lint/a11y/useMediaCaption: spoken words of which nobody has the text
          <audio controls src={address} aria-label={label} />
        ))}
      {file?.done ? (
        <Tag kind="good">{t.file_handed_over}</Tag>
      ) : file ? (
        file.op && <Tag kind="look">{isStuck(file) ? t.file_stuck : t.saved_here}</Tag>
      ) : (
        !address && <span class="soft">{t.file_elsewhere}</span>
      )}
    </span>
  );
}

/** The answer to a question for an attachment: put in, taken out, and put back while its form is on the screen. */
export function useAnswer(value: string, onChange: (value: string) => void) {
  const [removed, setRemoved] = useState<NewFile | null>(null);
  const latest = useRef(onChange);
  latest.current = onChange;

  function put(file: NewFile): void {
    setRemoved(null);
    if (file.bytes.length > 0) attach(file);
    latest.current(file.name);
    void keep();
  }

  async function remove(): Promise<void> {
    const bytes = await attached(value).catch(() => null);
    setRemoved({ name: value, bytes: bytes ?? new Uint8Array() });
    latest.current("");
  }

  return { removed: value ? null : removed, put, remove };
}

/** What was taken out, and the way back. */
export function Removed({ words, onUndo }: { words: string; onUndo: () => void }) {
  return (
    <p class="entry-gone">
      {words}{" "}
      <Button small icon="undo" onClick={onUndo}>
        {text.value.undo}
      </Button>
    </p>
  );
}
