// The office's page of sealed files: reads the codes on a phone's glass with a camera, and posts what they hold as the
// file that the phone could have saved. Nothing is seen of the camera anywhere else, and nothing of it is kept.
// A script by itself, loaded on that page only; its words stand in server/office/templates/carry.html.
import { decodeQR } from "qr/decode.js";
import { base64Of } from "../store/box.ts";
import { Frames, type Seen } from "../sync/frames.ts";

const VILLAGE = 12;
/** Between two looks, ms; a phone shows a code for at least 125. */
const PAUSE = 20;

const found = document.querySelector<HTMLElement>("[data-camera]");
if (found && "mediaDevices" in navigator) ready(found);

function ready(panel: HTMLElement): void {
  const part = <Kind extends Element>(name: string) =>
    panel.querySelector(`[data-part=${name}]`) as Kind;
  const button = part<HTMLButtonElement>("read");
  const video = part<HTMLVideoElement>("video");
  const choice = part<HTMLSelectElement>("choice");
  const glass = document.createElement("canvas");
  const brush = glass.getContext("2d", { willReadFrequently: true });
  let frames = new Frames();
  let turn = 0;

  button.addEventListener("click", () => void start());
  choice.addEventListener("change", () => void start(choice.value));
  panel.hidden = false;

  async function start(camera?: string) {
    turn += 1;
    const own = turn;
    stop();
    say("");
    frames = new Frames();
    show(null);
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        video: {
          ...(camera ? { deviceId: { exact: camera } } : { facingMode: "environment" }),
          width: { ideal: 1280 },
        },
      });
    } catch (error) {
      return say(whyNot(error));
    }
    if (own !== turn) return release(stream);
    video.srcObject = stream;
    part<HTMLElement>("reading").hidden = false;
    await Promise.all([video.play(), choose()]);
    while (own === turn && !(await isRead())) await new Promise((go) => setTimeout(go, PAUSE));
  }

  function stop() {
    if (video.srcObject) release(video.srcObject as MediaStream);
    video.srcObject = null;
    part<HTMLElement>("reading").hidden = true;
  }

  /** Names of cameras are told once one may be used. */
  async function choose() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const cameras = devices.filter(({ kind }) => kind === "videoinput");
    const [track] = (video.srcObject as MediaStream).getVideoTracks();
    const used = track?.getSettings().deviceId;
    choice.replaceChildren(
      ...cameras.map(({ deviceId, label }, at) => {
        const isUsed = deviceId === used;
        return new Option(label || String(at + 1), deviceId, isUsed, isUsed);
      }),
    );
    part<HTMLElement>("cameras").hidden = cameras.length < 2;
  }

  /** Looks once; true when there is nothing more to look for. */
  async function isRead(): Promise<boolean> {
    const frame = look();
    const seen = frame && frames.add(frame);
    if (!seen) return false;
    show(seen);
    const message = await frames.whole(seen);
    if (!message) return false;
    stop();
    hand(message);
    return true;
  }

  function look(): Uint8Array<ArrayBuffer> | null {
    if (!brush || video.videoWidth === 0) return null;
    if (glass.width !== video.videoWidth) {
      glass.width = video.videoWidth;
      glass.height = video.videoHeight;
    }
    brush.drawImage(video, 0, 0);
    let bytes: Uint8Array<ArrayBuffer> | null = null;
    const textDecoder = (held: Uint8Array) => {
      bytes = held.slice();
      return "";
    };
    try {
      decodeQR(brush.getImageData(0, 0, glass.width, glass.height), { textDecoder });
    } catch {
      // Most pictures of a camera hold no code, or half of one.
      return null;
    }
    return bytes;
  }

  function show(seen: Seen | null) {
    const parts = seen?.parts ?? [];
    part<HTMLElement>("boxes").replaceChildren(
      ...parts.map((held) => {
        const box = document.createElement("i");
        box.className = held ? "held" : "";
        return box;
      }),
    );
    const held = parts.filter(Boolean).length;
    part<HTMLElement>("count").textContent = seen ? `${held} / ${parts.length}` : "";
  }

  function hand(message: Uint8Array<ArrayBuffer>) {
    const village = new TextDecoder().decode(message.subarray(0, VILLAGE));
    if (village !== panel.dataset.camera) return say("strange");
    const packed = base64Of(message.subarray(VILLAGE));
    const text = JSON.stringify({ magic: "zoufang-carry", protocol: 1, village, packed });
    const files = new DataTransfer();
    files.items.add(new File([text], "codes.json", { type: "application/json" }));
    const form = document.querySelector<HTMLFormElement>("form[data-carry]");
    const input = form?.querySelector<HTMLInputElement>("input[type=file]");
    if (!form || !input) return;
    input.files = files.files;
    say("read");
    form.submit();
  }

  function say(which: string) {
    for (const words of panel.querySelectorAll<HTMLElement>("[data-said]"))
      words.hidden = words.dataset.said !== which;
  }
}

function release(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function whyNot(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  return name === "NotReadableError" ? "busy" : "none";
}
