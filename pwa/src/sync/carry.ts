// Handing over boxes: what was saved on this phone and can no longer be opened here, because the PIN was
// forgotten or the store erased. The server opens them; here they go once it says that they are stored.
// The same message as a file carries the boxes of a phone in use that finds no network.
import { base64Of } from "../store/box.ts";
import type { StoredBox } from "../store/database.ts";
import type { Store } from "../store/store.ts";
import { postBoxes, type Wire } from "./call.ts";

/** Well under the server's 1 MB and 500 boxes. */
const MAX_TEXT = 200_000;
const MAX_BOXES = 200;
/** As many as the office takes of one file, and less than the letters it takes. */
const MAX_FILE_BOXES = 5_000;
const MAX_FILE_TEXT = 6_000_000;

export interface HandedOver {
  stored: number;
  /** Not taken: to be carried to the office as a file. */
  left: number;
}

export function message(boxes: readonly StoredBox[]) {
  return {
    magic: "zoufang-carry",
    protocol: 1,
    village: boxes[0]?.village ?? "",
    boxes: boxes.map((each) => base64Of(each.box)),
  };
}

/** Of boxes one after the other: what a receipt names them by. */
export async function sumOf(boxes: readonly StoredBox[]): Promise<string> {
  const bytes = await new Blob(boxes.map(({ box }) => box)).arrayBuffer();
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...sum.slice(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Boxes in the order given, as many together as fit in one file, of one village each. */
export function partsOf(
  boxes: readonly StoredBox[],
  most = MAX_FILE_BOXES,
  mostText = MAX_FILE_TEXT,
): StoredBox[][] {
  const parts: StoredBox[][] = [];
  let size = 0;
  for (const box of boxes) {
    const part = parts.at(-1);
    const text = box.box.length * 1.4;
    const isOver = !part || part.length >= most || size + text > mostText;
    if (!isOver && part[0]?.village === box.village) {
      part.push(box);
      size += text;
    } else {
      parts.push([box]);
      size = text;
    }
  }
  return parts;
}

/** Throws NoAnswer, Refused. What was stored before that has gone from the phone. */
export async function handOver(store: Store, wire: Wire): Promise<HandedOver> {
  const waiting = await store.orphans();
  const done: HandedOver = { stored: 0, left: 0 };
  for (const page of partsOf(waiting, MAX_BOXES, MAX_TEXT)) {
    const results = await postBoxes(wire, message(page));
    const stored = page.filter((_, at) => results[at] === "stored");
    await store.dropBoxes(stored);
    done.stored += stored.length;
    done.left += page.length - stored.length;
  }
  return done;
}
