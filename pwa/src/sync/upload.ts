// Pictures and recordings go to the village after the text that names them, in parts, from where the
// server says that it stands (PROTOCOL §3.9). Cut anywhere, the next exchange goes on from there.
import { namesIn } from "../model/attachments.ts";
import { type File, isStuck } from "../store/files.ts";
import type { Store } from "../store/store.ts";
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

/** Refusals that are about this one attachment; all others are about the phone or the server. */
const ABOUT_FILE = [400, 404, 409, 413, 415, 422];

/**
 * What cannot go yet waits for the next exchange, what the village would not take several times for its person.
 * Throws NoAnswer, Refused, and whatever `onProgress` throws.
 */
export async function handOverFiles(
  store: Store,
  wire: Wire,
  now: () => number,
  onProgress: (progress: FileProgress) => void,
): Promise<void> {
  const unsent = new Set(namesIn(store.unsent()));
  const waiting = store.waitingFiles().filter((file) => !isStuck(file) && !unsent.has(file.name));
  const progress = { sent: 0, total: waiting.reduce((sum, { size }) => sum + size, 0) };
  for (const file of waiting) {
    const before = progress.sent;
    const bytes = await store.fileBytes(file.name);
    if (!bytes) continue;
    const refusal = await bring(store, wire, file, bytes, (offset) => {
      progress.sent = before + offset;
      onProgress({ ...progress });
    });
    if (refusal === null) {
      await store.update(() => ({ handedOver: { names: [file.name], at: now() } }));
      progress.sent = before + file.size;
    } else {
      const isFinal = refusal === "blob_too_large";
      await store.update(() => ({ refused: { name: file.name, isFinal } }));
      progress.sent = before;
      progress.total -= file.size;
    }
  }
}

/** Null when the village has all of it, else the code with which it would not take it. */
async function bring(
  store: Store,
  wire: Wire,
  { name, size }: File,
  bytes: Uint8Array<ArrayBuffer>,
  onOffset: (offset: number) => void,
): Promise<string | null> {
  const token = store.memory?.device.token ?? "";
  // Not known there, or not by this server: the answer to a part says in words which.
  const held = (await headFile(wire, token, name)) ?? { offset: 0, size: 0 };
  if (held.offset === size && held.size === size) return null;
  let offset = held.offset < size ? held.offset : 0;
  let corrections = 0;
  for (;;) {
    onOffset(offset);
    let code = "blob_offset";
    try {
      const part = bytes.slice(offset, offset + PART_BYTES);
      const answer = await patchFile(wire, token, name, part, { offset, size });
      onOffset(answer.offset);
      if (answer.done) return null;
      // A server that does not go forward is one more correction.
      if (answer.offset <= offset) corrections += 1;
      offset = answer.offset;
    } catch (error) {
      if (!(error instanceof Refused) || !ABOUT_FILE.includes(error.status)) throw error;
      corrections += 1;
      code = error.code;
      if (code === "blob_offset") offset = Number(error.details.offset);
      else if (code === "blob_broken") offset = 0;
      else return code;
    }
    if (corrections > MOST_CORRECTIONS || !(offset >= 0 && offset < size)) return code;
  }
}
