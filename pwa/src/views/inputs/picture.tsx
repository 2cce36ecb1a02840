// A picture as the answer: taken, or chosen from those on the phone. Of a child it needs the guardian's
// consent to photos first (domain.md §2).
import { useRef, useState } from "preact/hooks";
import { pictureFrom } from "../../files.ts";
import type { Flow, Part } from "../../forms/flow.ts";
import { register, text } from "../../session.ts";
import { Button, Note } from "../../ui/parts.tsx";
import { nameOf } from "../../ui/words.ts";
import { Attached, Removed, useAnswer } from "./attached.tsx";

/** The child a record is about, where consent to photos of it is not noted; an N of anybody's counts. */
function unconsented(part: Part, flow: Flow): string | null {
  const id = part.type === "child" ? part.id : String(part.now.child_id ?? "");
  if (!id) return null;
  const row = register.value.get(id);
  const drafted = flow.parts.find((each) => each.id === id)?.now;
  const answer = drafted ? drafted.photo_consent : row?.fields.photo_consent;
  const isContested = row?.contested?.photo_consent?.some((value) => value !== "Y") ?? false;
  if (answer === "Y" && !isContested) return null;
  return String(drafted?.name ?? "") || nameOf(row);
}

export function Picture(props: {
  value: string;
  part: Part;
  flow: Flow;
  labelledBy: string;
  onChange: (value: string) => void;
}) {
  const { value, part, flow, labelledBy, onChange } = props;
  const t = text.value;
  const camera = useRef<HTMLInputElement>(null);
  const gallery = useRef<HTMLInputElement>(null);
  const [state, setState] = useState<"" | "making" | "unread">("");
  const { removed, put, remove } = useAnswer(value, onChange);
  const child = unconsented(part, flow);

  async function take(input: HTMLInputElement) {
    const file = input.files?.[0];
    if (!file) return;
    setState("making");
    try {
      const made = await pictureFrom(file);
      put(made);
      setState("");
    } catch {
      setState("unread");
    } finally {
      // The same picture may be chosen once more.
      input.value = "";
    }
  }

  return (
    <div class="stack" role="group" aria-labelledby={labelledBy}>
      {value && <Attached key={value} name={value} label={t.picture} />}
      {child === null ? (
        <>
          {[camera, gallery].map((ref) => (
            <input
              key={ref === camera ? "camera" : "gallery"}
              ref={ref}
              type="file"
              accept="image/*"
              {...(ref === camera ? { capture: "environment" as const } : {})}
              hidden
              onChange={(event) => void take(event.currentTarget)}
            />
          ))}
          <div class="actions">
            <Button
              icon="camera"
              disabled={state === "making"}
              onClick={() => camera.current?.click()}
            >
              {value ? t.picture_again : t.picture_take}
            </Button>
            <Button
              icon="image"
              disabled={state === "making"}
              onClick={() => gallery.current?.click()}
            >
              {t.picture_choose}
            </Button>
          </div>
          <p class="hint">{t.picture_hint}</p>
        </>
      ) : (
        <Note kind="due">{t.picture_unconsented(child)}</Note>
      )}
      {value && (
        <Button small kind="quiet" icon="remove" onClick={() => void remove()}>
          {t.picture_remove}
        </Button>
      )}
      <div role="status">
        {state === "making" && <p>{t.picture_making}</p>}
        {state === "unread" && <p class="problem">{t.picture_unread}</p>}
        {removed && <Removed words={t.picture_removed} onUndo={() => put(removed)} />}
      </div>
    </div>
  );
}
