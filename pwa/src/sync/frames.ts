// A message cut into pieces that each fit into one QR code, and put together again in whatever order they are seen
// (PROTOCOL §3.12). Pure but for the hash. The phone cuts; the office's page, office/camera.ts, collects.

type Bytes = Uint8Array<ArrayBuffer>;

const MAGIC = [0x5a, 0x46, 1];
const ID = 4;
const HEAD = MAGIC.length + ID + 2;
/** With its head a code of version 9, which a cheap camera reads in a moment. */
const MOST_BYTES = 221;
/** More than these nobody holds still for. */
export const MOST_FRAMES = 40;

/** The frames of a message; none when there would be too many. */
export async function framesOf(message: Bytes): Promise<Bytes[]> {
  const count = Math.ceil(message.length / MOST_BYTES);
  if (count > MOST_FRAMES) return [];
  const id = await idOf(message);
  const size = Math.ceil(message.length / count);
  return Array.from({ length: count }, (_, at) => {
    const data = message.subarray(at * size, (at + 1) * size);
    return Uint8Array.from([...MAGIC, ...id, at, count, ...data]);
  });
}

/** What has been seen of one message. */
export interface Seen {
  id: string;
  parts: (Bytes | undefined)[];
}

export class Frames {
  readonly #messages = new Map<string, Seen>();

  /** What has been seen, this frame included, of the message it belongs to; null if it is no frame. */
  add(frame: Bytes): Seen | null {
    const at = frame[HEAD - 2] ?? 0;
    const count = frame[HEAD - 1] ?? 0;
    const isFrame = MAGIC.every((byte, place) => frame[place] === byte) && frame.length > HEAD;
    if (!isFrame || at >= count || count > MOST_FRAMES) return null;
    // Frames that count otherwise are of another message, whatever they say.
    const id = String(frame.subarray(MAGIC.length, MAGIC.length + ID));
    const name = `${id}/${count}`;
    const seen = this.#messages.get(name) ?? { id, parts: new Array(count).fill(undefined) };
    this.#messages.set(name, seen);
    seen.parts[at] ??= frame.slice(HEAD);
    return seen;
  }

  /** The message, once all of it was seen; it begins anew when that is not what was cut. */
  async whole(seen: Seen): Promise<Bytes | null> {
    const parts = seen.parts.filter((part) => part !== undefined);
    if (parts.length < seen.parts.length) return null;
    const message = new Uint8Array(await new Blob(parts).arrayBuffer());
    if (String(await idOf(message)) === seen.id) return message;
    this.#messages.delete(`${seen.id}/${parts.length}`);
    return null;
  }
}

async function idOf(message: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", message)).slice(0, ID);
}
