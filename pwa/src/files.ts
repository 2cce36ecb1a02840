// Making attachments: a picture shrunk on the phone, which also leaves behind what the camera wrote into
// it (place, time, make), and the name that its bytes give it.
import type { NewFile } from "./store/files.ts";

/** Pixels of the longer side. */
const LONGEST = 1280;
/** Bytes that a picture should not be over; the worst quality counts even where it is. */
const TYPICAL = 300_000;
const QUALITIES = [0.8, 0.65, 0.5];
/** As the server holds it. */
export const MOST_BYTES = 2 * 1024 * 1024;

/** `ending` as in PROTOCOL §3.9: jpg, webm, m4a, ogg. */
export async function named(bytes: NewFile["bytes"], ending: string): Promise<NewFile> {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = [...sum].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { name: `${hex}.${ending}`, bytes };
}

/** Throws when the browser cannot open it as a picture. */
export async function pictureFrom(file: Blob): Promise<NewFile> {
  const address = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    // The browser turns it as the camera was held before it is drawn.
    const { naturalWidth: width, naturalHeight: height } = image;
    const scale = Math.min(1, LONGEST / Math.max(width, height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    const brush = canvas.getContext("2d");
    if (!brush) throw new Error("No canvas");
    // What is transparent becomes paper, not black.
    brush.fillStyle = "#fff";
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.drawImage(image, 0, 0, canvas.width, canvas.height);
    let made: Blob | null = null;
    for (const quality of QUALITIES) {
      made = await new Promise<Blob | null>((resolve) =>
        canvas.toBlob(resolve, "image/jpeg", quality),
      );
      if (made && made.size <= TYPICAL) break;
    }
    if (!made || made.size > MOST_BYTES) throw new Error("No picture");
    return named(new Uint8Array(await made.arrayBuffer()), "jpg");
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** What a recorder makes, by the ending its file gets; the first that the browser can make is taken. */
export const RECORDINGS: readonly [kind: string, ending: string][] = [
  ["audio/webm;codecs=opus", "webm"],
  ["audio/mp4", "m4a"],
  ["audio/ogg;codecs=opus", "ogg"],
];

const KINDS: Record<string, string> = {
  jpg: "image/jpeg",
  webp: "image/webp",
  webm: "audio/webm",
  m4a: "audio/mp4",
  ogg: "audio/ogg",
};

/** For showing it; the bytes go with it as long as it is used. */
export function blobOf({ name, bytes }: NewFile): Blob {
  const kind = KINDS[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream";
  return new Blob([bytes], { type: kind });
}
