// A barcode or QR code: typed, or read from a picture where the browser can. The picture is looked at
// on the phone and kept nowhere.
import { useRef, useState } from "preact/hooks";
import { text } from "../../session.ts";
import { Button } from "../../ui/parts.tsx";

interface Detector {
  detect(picture: ImageBitmap): Promise<{ rawValue: string }[]>;
}

export function Barcode(props: { id: string; value: string; onChange: (value: string) => void }) {
  const { id, value, onChange } = props;
  const t = text.value;
  const camera = useRef<HTMLInputElement>(null);
  const [isUnread, setUnread] = useState(false);
  const Maker = (globalThis as { BarcodeDetector?: new () => Detector }).BarcodeDetector;

  async function read(file: File | undefined) {
    if (!file || !Maker) return;
    try {
      const [found] = await new Maker().detect(await createImageBitmap(file));
      setUnread(!found);
      if (found) onChange(found.rawValue);
    } catch {
      // A picture the browser cannot open is one more in which nothing was found.
      setUnread(true);
    }
  }

  return (
    <div class="stack">
      <input
        id={id}
        class="input"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        value={value}
        aria-describedby={`${id}-problem`}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      {Maker && (
        <>
          <input
            ref={camera}
            type="file"
            accept="image/*"
            capture="environment"
            hidden
            onChange={(event) => {
              void read(event.currentTarget.files?.[0]);
              event.currentTarget.value = "";
            }}
          />
          <Button icon="search" onClick={() => camera.current?.click()}>
            {t.scan}
          </Button>
        </>
      )}
      <p class="problem" aria-live="polite">
        {isUnread && t.scan_nothing}
      </p>
    </div>
  );
}
