// Pictures and recordings go to the village after the text that names them, in parts, from where the
// server says that it stands (PROTOCOL §3.9). Cut anywhere, the next exchange goes on from there.
import type { File, Store } from "../store/store.ts";
import { headFile, patchFile, Refused, type Wire } from "./call.ts";

/** Some seconds of a poor network: what is lost when it is cut. */
export const PART_BYTES = 32_768;
/** The server may say where to go on, or that all has to come again; not for ever. */
const MOST_CORRECTIONS = 3;

/** Bytes of all that waits. */
export interface FileProgress {
  sent: number;
  total: number;
}

/** What cannot go yet waits for the next exchange. Throws NoAnswer, Refused, and whatever `onProgress` throws. */
export async function handOverFiles(
  store: Store,
  wire: Wire,
  now: () => number,
  onProgress: (progress: FileProgress) => void,
): Promise<void> {
  const waiting = store.waitingFiles();
  const progress = { sent: 0, total: waiting.reduce((sum, { size }) => sum + size, 0) };
  for (const file of waiting) {
    const before = progress.sent;
    const bytes = await store.fileBytes(file.name);
    const isThere =
      bytes &&
      (await bring(store, wire, file, bytes, (offset) => {
        progress.sent = before + offset;
        onProgress({ ...progress });
      }));
    if (isThere) {
      await store.update(() => ({ handedOver: { names: [file.name], at: now() } }));
      progress.sent = before + file.size;
    } else {
      progress.sent = before;
      progress.total -= file.size;
    }
  }
}

/** True when the village has all of it. */
async function bring(
  store: Store,
  wire: Wire,
  { name, size }: File,
  bytes: Uint8Array<ArrayBuffer>,
  onOffset: (offset: number) => void,
): Promise<boolean> {
  const token = store.memory?.device.token ?? "";
  const held = await headFile(wire, token, name);
  if (!held) return false;
  if (held.offset === size && held.size === size) return true;
  let offset = held.offset < size ? held.offset : 0;
  let corrections = 0;
  for (;;) {
    onOffset(offset);
    try {
      const part = bytes.slice(offset, offset + PART_BYTES);
      const answer = await patchFile(wire, token, name, part, { offset, size });
      onOffset(answer.offset);
      if (answer.done) return true;
      // A server that does not go forward is one more correction.
      if (answer.offset <= offset) corrections += 1;
      offset = answer.offset;
    } catch (error) {
      if (!(error instanceof Refused) || !error.code.startsWith("blob_")) throw error;
      corrections += 1;
      if (error.code === "blob_offset") offset = Number(error.details.offset);
      else if (error.code === "blob_broken") offset = 0;
      else return false;
    }
    if (corrections > MOST_CORRECTIONS || !(offset >= 0 && offset < size)) return false;
  }
}
