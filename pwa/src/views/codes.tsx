// All that waits, shown as codes one after the other, for the camera of the office's computer to read off this glass:
// no network, no file. They go round until somebody leaves; which are missing only the other side knows.
import { useEffect, useRef, useState } from "preact/hooks";
import { replace } from "../route.ts";
import { store, text, touch, undoable, unsentCount } from "../session.ts";
import { framesOf } from "../sync/frames.ts";
import { packed } from "../sync/packed.ts";
import { Bar, Button, Link, Note } from "../ui/parts.tsx";

type Frames = Awaited<ReturnType<typeof framesOf>>;
type Encode = typeof import("uqr").encode;

/** Codes a second. */
const PACES = [1, 2, 4, 6, 8];

export function Codes() {
  const t = text.value;
  const [frames, setFrames] = useState<Frames>([]);
  const [ops, setOps] = useState(0);
  const [problem, setProblem] = useState("");
  const [at, setAt] = useState(0);
  const [pace, setPace] = useState(2);
  const encode = useRef<Encode>(null);
  const glass = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    void prepare();
    return stayAwake();
  }, []);

  useEffect(() => {
    if (frames.length === 0) return;
    const timer = setInterval(
      () => setAt((at) => (at + 1) % frames.length),
      1000 / (PACES[pace] ?? 1),
    );
    return () => clearInterval(timer);
  }, [frames, pace]);

  useEffect(() => {
    const frame = frames[at];
    if (frame && glass.current && encode.current) paint(glass.current, frame, encode.current);
  }, [frames, at]);

  async function prepare() {
    if (unsentCount.value === 0) return replace("/carry");
    try {
      encode.current = (await import("uqr")).encode;
    } catch {
      return setProblem(t.part_missing);
    }
    const { ops, message } = await packed(store, Date.now());
    undoable.value = null;
    touch();
    const frames = message ? await framesOf(message) : [];
    setOps(ops);
    setFrames(frames);
    if (ops === 0) setProblem(t.carry_no_key);
    else if (frames.length === 0) setProblem(t.codes_too_many(ops));
  }

  return (
    <>
      <Bar title={t.carry} />
      <main>
        {problem !== "" && (
          <>
            <div role="alert">
              <Note kind="due">{problem}</Note>
            </div>
            <Link to="/carry">{t.carry}</Link>
          </>
        )}
        {frames.length > 0 && (
          <>
            <canvas ref={glass} class="codes" role="img" aria-label={t.codes_of(ops)} />
            <div class="codes-pace">
              <Button disabled={pace === 0} onClick={() => setPace(pace - 1)}>
                {t.codes_slower}
              </Button>
              <strong>
                {at + 1}/{frames.length}
              </strong>
              <Button disabled={pace === PACES.length - 1} onClick={() => setPace(pace + 1)}>
                {t.codes_faster}
              </Button>
            </div>
            <p>{t.codes_how}</p>
            <p class="soft">{t.codes_of(ops)}</p>
          </>
        )}
      </main>
    </>
  );
}

/** One pixel a module: the sheet makes them large, and keeps them sharp. */
function paint(glass: HTMLCanvasElement, frame: Uint8Array, encode: Encode) {
  const rows = encode([...frame], { ecc: "L", border: 4 }).data;
  glass.width = rows.length;
  glass.height = rows.length;
  const brush = glass.getContext("2d");
  if (!brush) return;
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, rows.length, rows.length);
  brush.fillStyle = "#000";
  rows.forEach((row, y) => {
    row.forEach((isDark, x) => {
      if (isDark) brush.fillRect(x, y, 1, 1);
    });
  });
}

/** Keeps the screen lit, where the browser can, until the answer is called. */
function stayAwake(): () => void {
  let isWanted = true;
  let lock: WakeLockSentinel | undefined;
  async function hold() {
    if (document.visibilityState !== "visible") return;
    lock = await navigator.wakeLock?.request("screen").catch(() => undefined);
    if (!isWanted) void lock?.release();
  }
  void hold();
  // The browser lets go when the page is out of sight.
  document.addEventListener("visibilitychange", hold);
  return () => {
    isWanted = false;
    document.removeEventListener("visibilitychange", hold);
    void lock?.release();
  };
}
