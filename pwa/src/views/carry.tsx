// Carried by hand: what waits here goes to the office as a sealed file, or as codes on the screen (codes.tsx); its
// receipt comes back as a link behind a QR code, as a file, or pasted. Until then, or until the next sync, all of it
// goes on waiting.
import { useEffect, useRef, useState } from "preact/hooks";
import { replace } from "../route.ts";
import { store, text, touch, undoable, unsentCount, waitingFiles } from "../session.ts";
import type { StoredBox } from "../store/database.ts";
import { partsOf } from "../sync/carry.ts";
import { OtherLineage, receiptsIn, Strange, takeReceipts } from "../sync/receipt.ts";
import { Bar, Button, Fact, Link, Note } from "../ui/parts.tsx";
import { canShare, save, share } from "./sealed-file.ts";

type Said = { kind: "good" | "due" | "danger"; words: string } | null;

export function Carry({ receipt }: { receipt: string }) {
  const t = text.value;
  const [said, setSaid] = useState<Said>(null);
  const [pasted, setPasted] = useState("");
  /** The files it takes, and how many of them were handed out. */
  const [parts, setParts] = useState<StoredBox[][]>([]);
  const [given, setGiven] = useState(0);
  const picked = useRef<HTMLInputElement>(null);
  const count = unsentCount.value;
  const files = waitingFiles.value.count;
  const goesOn = given > 0 && given < parts.length;

  useEffect(() => {
    if (receipt === "") return;
    replace("/carry");
    void read(receipt);
  }, [receipt]);

  async function handOut(how: (boxes: readonly StoredBox[]) => boolean | Promise<boolean>) {
    const isNew = given === 0 || given === parts.length;
    const files = isNew ? partsOf(await store.handOut()) : parts;
    const at = isNew ? 0 : given;
    const part = files[at];
    undoable.value = null;
    touch();
    if (!part) return setSaid({ kind: "danger", words: t.carry_no_key });
    if (!(await how(part))) return;
    setParts(files);
    setGiven(at + 1);
    const more =
      files.length === 1 ? "" : t.carry_part(at + 1, files.length, at + 1 < files.length);
    setSaid({ kind: "due", words: more + t.carry_given(part.length) });
  }

  async function read(words: string) {
    try {
      const receipts = receiptsIn(words);
      const { arrived, fit } = await takeReceipts(store, receipts, Date.now());
      const some = fit < receipts.length ? t.carry_some(fit, receipts.length) : "";
      setSaid({
        kind: "good",
        words: some + (arrived > 0 ? t.carry_arrived(arrived) : t.carry_known),
      });
      setPasted("");
    } catch (error) {
      if (error instanceof OtherLineage) setSaid({ kind: "due", words: t.carry_other_lineage });
      else if (error instanceof Strange) setSaid({ kind: "danger", words: t.carry_strange });
      else setSaid({ kind: "danger", words: t.went_wrong(String(error)) });
    }
    touch();
  }

  return (
    <>
      <Bar title={t.carry} />
      <main>
        <section class="facts">
          <Fact number={count} words={t.waiting_here} />
        </section>
        <div role="status" aria-live="polite">
          {said && <Note kind={said.kind}>{said.words}</Note>}
        </div>
        {files > 0 && <Note kind="info">{t.carry_files(files)}</Note>}
        {count > 0 && (
          <>
            <p class="lead">{t.carry_how}</p>
            {canShare() && (
              <Button kind="primary" icon="sync" onClick={() => handOut(share)}>
                {goesOn ? t.carry_share_next(given + 1, parts.length) : t.carry_share}
              </Button>
            )}
            <Button kind={canShare() ? "plain" : "primary"} onClick={() => handOut(save)}>
              {goesOn ? t.carry_save_next(given + 1, parts.length) : t.save_as_file}
            </Button>
            <Link to="/codes">{t.carry_codes}</Link>
          </>
        )}
        <h2>{t.carry_receipt}</h2>
        <p class="soft">{t.carry_receipt_hint}</p>
        <input
          ref={picked}
          type="file"
          accept=".json,.txt"
          aria-label={t.carry_receipt_file}
          hidden
          onChange={(event) => {
            void event.currentTarget.files?.[0]?.text().then(read);
            event.currentTarget.value = "";
          }}
        />
        <Button onClick={() => picked.current?.click()}>{t.carry_receipt_file}</Button>
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void read(pasted);
          }}
        >
          <label class="stack">
            {t.carry_receipt_paste}
            <input
              class="input"
              autocomplete="off"
              autocapitalize="off"
              spellcheck={false}
              value={pasted}
              onInput={(event) => setPasted(event.currentTarget.value)}
            />
          </label>
          <Button type="submit" disabled={pasted.trim() === ""}>
            {t.carry_receipt_read}
          </Button>
        </form>
      </main>
    </>
  );
}
