// A recording as the answer: a minute at most, heard again before it is kept.
import { useEffect, useState } from "preact/hooks";
import { MOST_BYTES, named, RECORDINGS } from "../../files.ts";
import { text } from "../../session.ts";
import { Button } from "../../ui/parts.tsx";
import { Attached, Removed, useAnswer } from "./attached.tsx";

const LONGEST_S = 60;
const BITS_PER_SECOND = 24_000;

const kindHere = () =>
  typeof MediaRecorder === "undefined"
    ? undefined
    : RECORDINGS.find(([kind]) => MediaRecorder.isTypeSupported(kind));

export function Sound(props: {
  value: string;
  labelledBy: string;
  onChange: (value: string) => void;
}) {
  const { value, labelledBy, onChange } = props;
  const t = text.value;
  const [recorder, setRecorder] = useState<MediaRecorder | null>(null);
  const [seconds, setSeconds] = useState(0);
  const [problem, setProblem] = useState("");
  const { removed, put, remove } = useAnswer(value, onChange);
  const kind = kindHere();

  useEffect(() => {
    if (!recorder) return;
    const began = Date.now();
    const timer = setInterval(() => {
      const passed = Math.floor((Date.now() - began) / 1000);
      setSeconds(passed);
      if (passed >= LONGEST_S) recorder.stop();
    }, 250);
    return () => {
      clearInterval(timer);
      // A page that is left takes the microphone with it; what was said until then is kept.
      if (recorder.state !== "inactive") recorder.stop();
    };
  }, [recorder]);

  async function record() {
    if (!kind) return;
    const [mimeType, ending] = kind;
    setProblem("");
    setSeconds(0);
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const made = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: BITS_PER_SECOND });
      const parts: Blob[] = [];
      made.ondataavailable = ({ data }) => parts.push(data);
      made.onstop = async () => {
        for (const track of stream.getTracks()) track.stop();
        setRecorder(null);
        const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
        if (bytes.length === 0 || bytes.length > MOST_BYTES) return;
        put(await named(bytes, ending));
      };
      made.start();
      setRecorder(made);
    } catch {
      setProblem(t.sound_refused);
    }
  }

  return (
    <div class="stack" role="group" aria-labelledby={labelledBy}>
      {value && !recorder && <Attached key={value} name={value} label={t.recording} />}
      {recorder ? (
        <Button kind="primary" icon="stop" onClick={() => recorder.stop()}>
          {t.sound_stop}
        </Button>
      ) : (
        kind && (
          <Button icon="microphone" onClick={() => void record()}>
            {value ? t.sound_again : t.sound_record}
          </Button>
        )
      )}
      {value && !recorder && (
        <Button small kind="quiet" icon="remove" onClick={() => void remove()}>
          {t.sound_remove}
        </Button>
      )}
      <p class="hint">{kind ? t.sound_hint : t.sound_impossible}</p>
      <div role="status">
        {recorder && <p>{t.sound_running(seconds, LONGEST_S)}</p>}
        {removed && <Removed words={t.sound_removed} onUndo={() => put(removed)} />}
        {problem && <p class="problem">{problem}</p>}
      </div>
    </div>
  );
}
