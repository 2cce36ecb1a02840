// Pictures and recordings on the phone. An answer is the attachment's name (PROTOCOL §3.9); its bytes lie
// sealed beside the draft or op that names it, written in the same transaction. They stay as long as the op
// does, which is until a backup of the server holds it: a server restored from an older one gets them again.
// What only a draft names goes when no draft names it any more. Pure bookkeeping.
import { namesIn } from "../model/attachments.ts";
import type { Op } from "../model/pending.ts";

type Bytes = Uint8Array<ArrayBuffer>;

export interface File {
  name: string;
  /** Bytes. */
  size: number;
  /** The op that first named it; without one it belongs to drafts alone. */
  op?: { generation: number; seq: number };
  /** When the village had all of it, ms. */
  done?: number;
  /** The bytes have gone from this phone. */
  gone?: true;
  /** How often the village would not take it, in exchanges of their own; from MOST_REFUSALS on it is not asked again. */
  refused?: number;
}

export interface NewFile {
  name: string;
  bytes: Bytes;
}

export interface FileChange {
  files?: NewFile[];
  /** Names of those the village has now, and when it had them. */
  handedOver?: { names: string[]; at: number };
  /** One the village would not take; `isFinal` where no later exchange can change that. */
  refused?: { name: string; isFinal: boolean };
  /** Names of those it is to be asked about once more, though it would not take them. */
  retried?: string[];
  /** Names of those their person does not want any more. */
  givenUp?: string[];
  /** An op taken back: what it named belongs to the draft again. */
  undone?: Op;
}

/** So many of those handed over are still known by name. */
const REMEMBERED = 500;
/** So many of those handed over keep their bytes at most, some 60 MB: a village may never make a backup. */
const MOST_KEPT = 200;

/** So often a refusal may be one that the next exchange ends. */
const MOST_REFUSALS = 3;

export const isWaiting = (file: File): boolean => file.op !== undefined && file.done === undefined;

/** Whether it waits for a person: the village would not take it, and is not asked again by itself. */
export const isStuck = (file: File): boolean =>
  isWaiting(file) && (file.refused ?? 0) >= MOST_REFUSALS;

interface Held {
  ops: readonly Op[];
  drafts: ReadonlyMap<string, { id: string; state: unknown }>;
  files: Map<string, File>;
}

interface Change extends FileChange {
  ops?: Op[];
  dropOps?: Op[];
  drafts?: { id: string; state: unknown }[];
  dropDrafts?: string[];
}

/** The list after a write (the same one when nothing in it changes), what is to be put and what goes. */
export function filesAfter(
  held: Held,
  change: Change,
): { list: Map<string, File>; fresh: NewFile[]; gone: string[] } {
  const { files = [], ops = [], dropOps = [], drafts = [], dropDrafts = [] } = change;
  const { handedOver, undone, refused, retried = [], givenUp = [] } = change;
  const same = { list: held.files, fresh: [], gone: [] };
  if (held.files.size === 0 && files.length === 0) return same;
  const list = new Map(held.files);
  const fresh = files.filter(({ name }) => {
    const known = list.get(name);
    return !known || known.done !== undefined;
  });
  for (const { name, bytes } of fresh) list.set(name, { name, size: bytes.length });
  if (undone) {
    for (const [name, file] of list) {
      const { generation, seq } = file.op ?? {};
      if (generation === undone.generation && seq === undone.seq) {
        list.set(name, { name, size: file.size });
      }
    }
  }
  for (const op of ops) {
    for (const name of namesIn(op.changes)) {
      const file = list.get(name);
      const { generation, seq } = op;
      if (file && !file.op) list.set(name, { ...file, op: { generation, seq } });
      // The server lost the op, and the bytes with it; or could not know it when it was asked.
      else if (
        file &&
        (file.done ?? file.refused) !== undefined &&
        !file.gone &&
        op.rev === undefined
      ) {
        list.set(name, { name, size: file.size, op: { generation, seq } });
      }
    }
  }
  for (const name of handedOver?.names ?? []) {
    const file = list.get(name);
    if (file && handedOver) list.set(name, { ...file, done: handedOver.at });
  }
  const turnedDown = refused && list.get(refused.name);
  if (turnedDown) {
    const times = refused.isFinal ? MOST_REFUSALS : (turnedDown.refused ?? 0) + 1;
    list.set(refused.name, { ...turnedDown, refused: times });
  }
  for (const name of retried) {
    const file = list.get(name);
    if (file) list.set(name, { ...file, refused: 0 });
  }
  const after = new Map([...held.drafts, ...drafts.map((each) => [each.id, each] as const)]);
  for (const id of dropDrafts) after.delete(id);
  const drafted = new Set([...after.values()].flatMap(({ state }) => namesIn(state)));
  const gone = givenUp.filter((name) => list.delete(name));
  for (const [name, file] of list) {
    if (file.op || drafted.has(name)) continue;
    list.delete(name);
    gone.push(name);
  }
  const done = [...list.values()].filter((file) => file.done !== undefined);
  done.sort((a, b) => (a.done ?? 0) - (b.done ?? 0));
  const safe = dropOps.length > 0 && done.length > 0 ? namesOnlyIn(dropOps, held.ops, ops) : null;
  const withBytes = done.filter((file) => !file.gone);
  const tooMany = new Set(withBytes.slice(0, -MOST_KEPT).map(({ name }) => name));
  for (const file of withBytes) {
    if (!safe?.has(file.name) && !tooMany.has(file.name)) continue;
    list.set(file.name, { ...file, gone: true });
    gone.push(file.name);
  }
  for (const { name } of done.slice(0, -REMEMBERED)) list.delete(name);
  const isChanged =
    list.size !== held.files.size ||
    [...list].some(([name, file]) => held.files.get(name) !== file);
  if (!isChanged) return same;
  return { list, fresh: fresh.filter(({ name }) => list.has(name)), gone };
}

/** What the ops that go name and none of those that stay. */
function namesOnlyIn(going: readonly Op[], held: readonly Op[], put: readonly Op[]): Set<string> {
  const place = ({ generation, seq }: Op) => `${generation}/${seq}`;
  const goes = new Set(going.map(place));
  const names = new Set(going.flatMap(({ changes }) => namesIn(changes)));
  for (const op of [...held.filter((op) => !goes.has(place(op))), ...put]) {
    for (const name of namesIn(op.changes)) names.delete(name);
  }
  return names;
}
