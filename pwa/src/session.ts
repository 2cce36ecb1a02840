// The app while it runs: what is on the screen, whether it is locked, and the few things screens do.
import { batch, computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Value } from "./forms/expression.ts";
import { changesOf, type Flow, newPart, type Part, partOf } from "./forms/flow.ts";
import { defaults, type Setting } from "./forms/form.ts";
import { DEMO_AREA } from "./forms/numbers.ts";
import { formOf, type Label, type Programme } from "./forms/programme.ts";
import { namesIn } from "./model/attachments.ts";
import { dayOf, uuid7 } from "./model/clock.ts";
import type { FormValues } from "./model/edits.ts";
import { basisOf, namer, type Op, type Row } from "./model/pending.ts";
import { Register } from "./model/register.ts";
import type { Id } from "./model/wire.ts";
import { painted } from "./pace.ts";
import { type Entry, entryOf, NAMED } from "./search/entries.ts";
import { Index } from "./search/search.ts";
import { knowsReadings } from "./search/sounds.ts";
import { isStuck, type NewFile } from "./store/files.ts";
import type { Draft } from "./store/memory.ts";
import { forgetProfile, otherProfiles } from "./store/profiles.ts";
import { Store } from "./store/store.ts";
import { stretch } from "./store/stretch.ts";
import { Loop } from "./sync/loop.ts";
import { type Text, zh } from "./text/zh.ts";
import { forgetWorkedOut, workedOut } from "./worked-out.ts";

export type Phase = "starting" | "unsupported" | "fresh" | "lost" | "locked" | "open" | "wiped";

export const phase = signal<Phase>("starting");
export const language = signal<keyof Label>(savedLanguage());
/** English is read when it is asked for; until then, and where it cannot be had, the words are Chinese. */
const english = signal<Text>(zh);
export const text = computed<Text>(() => (language.value === "zh" ? zh : english.value));
/** The clock of the screens: "two hours ago" must not stand still. */
export const minute = signal(Date.now());
export const today = computed(() => dayOf(minute.value));
/** Goes up with each change of the store. */
export const changed = signal(0);
/** The op saved last, while it can be taken back. */
export const undoable = signal<{ op: Op; words: string; flow: Flow } | null>(null);
/** Whether the flow is the one saved last: its form is done with, and goes when the next screen is drawn. */
export const isDone = (flow: Id): boolean => undoable.value?.flow.id === flow;
/** The store was erased after too many wrong PINs. */
export const erased = signal(false);
/** Why something could not be kept on this phone; stays until it is closed. */
export const failure = signal("");
/** Said to everybody, also to screen readers, and gone when it has been read. */
export const notice = signal("");
const NOTICE_MS = 10_000;

effect(() => {
  if (!notice.value) return;
  const timer = setTimeout(() => {
    notice.value = "";
  }, NOTICE_MS);
  return () => clearTimeout(timer);
});

export const store = new Store(stretch);
export const wire = {
  fetch: (...args: Parameters<typeof fetch>) => fetch(...args),
  language: () => (language.value === "zh" ? "zh-CN" : "en"),
};
export const loop = new Loop({
  store,
  wire,
  now: () => Date.now(),
  random: () => Math.random(),
  onStored: touch,
  onWipe: wipe,
});

const NOTHING = new Register(new Map(), []);

const memory = () => {
  changed.value;
  return phase.value === "open" ? store.memory : null;
};
// What the register is made of. A draft that is kept changes none of it.
const rows = workedOut(() => memory()?.rows);
const ops = workedOut(() => memory()?.ops);
const delivered = workedOut(() => memory()?.device.buckets);

export const register = workedOut<Register>(() => {
  const isOpen = rows.value && ops.value && delivered.value;
  return isOpen ? new Register(rows.value, store.overlay()) : NOTHING;
});

const types = new Map<string, ReadonlySignal<readonly Row[]>>();

/** Records of a type. What is worked out of them stands until one of them changes. */
export function recordsOf(type: string): readonly Row[] {
  let records = types.get(type);
  if (!records) {
    records = workedOut(() => register.value.of(type));
    types.set(type, records);
  }
  return records.value;
}

/** All that can be found by a few letters; made ahead of need in ready.ts. */
export const entries = workedOut<Entry[]>(() => {
  knowsReadings();
  return NAMED.flatMap((type) => recordsOf(type).map(entryOf));
});
export const index = workedOut(() => new Index(entries.value));

export const unsentCount = workedOut(() => {
  changed.value;
  // What has its receipt is counted, though the rest of the app has yet to learn of it.
  undoable.value;
  return phase.value === "open" && store.memory ? store.unsent().length : 0;
});

/** Pictures and recordings of saved work that the village does not have, and the bytes of those it is still to be asked
 * about; `stuck` are the others. */
export const waitingFiles = workedOut(() => {
  changed.value;
  const files = phase.value === "open" && store.memory ? store.waitingFiles() : [];
  const stuck = files.filter(isStuck);
  const bytes = files.filter((file) => !isStuck(file)).reduce((sum, { size }) => sum + size, 0);
  return { count: files.length, bytes, stuck };
});

export const device = workedOut(() => {
  changed.value;
  phase.value;
  return store.memory?.device ?? null;
});

export const programme = workedOut<Programme | null>(() => {
  changed.value;
  phase.value;
  return store.memory?.programme ?? null;
});

export const drafts = workedOut<Draft[]>(() => {
  changed.value;
  phase.value;
  return [...(store.memory?.drafts.values() ?? [])].sort((a, b) => b.at - a.at);
});

effect(() => {
  if (phase.value !== "open") forgetWorkedOut();
});

export function touch(): void {
  changed.value += 1;
}

export async function setLanguage(next: keyof Label): Promise<void> {
  if (next === "en" && english.value === zh) {
    try {
      english.value = (await import("./text/en.ts")).en;
    } catch {
      return;
    }
  }
  language.value = next;
  document.documentElement.lang = next === "zh" ? "zh-CN" : "en";
  try {
    localStorage.setItem("zoufang-language", next);
  } catch {
    // The choice then lasts until the page is closed.
  }
}

function savedLanguage(): keyof Label {
  try {
    return localStorage.getItem("zoufang-language") === "en" ? "en" : "zh";
  } catch {
    return "zh";
  }
}

let wallAtStart = Date.now() - performance.now();

/** True when the wall clock was moved since the last look. */
function clockJumped(): boolean {
  const wall = Date.now() - performance.now();
  const jumped = Math.abs(wall - wallAtStart) > 30_000;
  wallAtStart = wall;
  return jumped;
}

/** A new clock epoch; in the same write, drafts that are wanted no more go. */
export async function nextClock(unwanted: (drafts: Draft[]) => Draft[] = () => []): Promise<void> {
  clockJumped();
  await store.update(({ device: held, drafts: begun }) => {
    const all = [...begun.values()];
    const dropped = new Set(unwanted(all));
    return {
      device: { ...held, clock: held.clock + 1 },
      // Drafts of a version of the app that did not seal them get their box here too.
      drafts: all.filter((draft) => !dropped.has(draft)),
      dropDrafts: [...dropped].map(({ id }) => id),
    };
  });
}

export function lock(): void {
  loop.stop();
  store.lock();
  fresh.clear();
  undoable.value = null;
  notice.value = "";
  phase.value = "locked";
  touch();
}

export async function wipe(): Promise<void> {
  loop.stop();
  await store.wipe();
  forgetProfile();
  phase.value = "wiped";
  // The app itself stays for whoever shares this phone.
  if (otherProfiles().length > 0) return;
  try {
    localStorage.removeItem("zoufang-language");
  } catch {
    // Then it was never kept.
  }
  for (const name of await caches.keys()) await caches.delete(name);
  for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister();
}

/** Leaves a clean phone behind, when all that was saved has arrived. */
export async function forgetPhone(): Promise<void> {
  loop.stop();
  if (store.unsent().length > 0 || store.waitingFiles().length > 0) return;
  await store.wipe();
  forgetProfile();
  phase.value = "fresh";
  touch();
}

export function setting(preset: readonly string[] = []): Setting {
  if (!programme.value) throw new Error("No programme");
  return {
    programme: programme.value,
    language: language.value,
    role: device.value?.account.role ?? "",
    now: minute.value,
    demo: device.value?.village.code.startsWith(DEMO_AREA) ?? false,
    preset: new Set(preset),
    record: (_, id) => register.value.get(id)?.fields as Record<string, Value> | undefined,
  };
}

export function freshPart(type: string, values: FormValues): Part {
  const kind = formOf(programme.value, type, values);
  if (!kind) throw new Error(`No type ${type}`);
  return newPart(uuid7(), type, { ...defaults(kind, setting()), ...values });
}

export function openPart(row: Row): Part {
  const memory = store.memory;
  const fields = formOf(programme.value, row.type, row.fields)?.fields ?? [];
  if (!memory) throw new Error("Locked");
  const stubs = register.value.stubsOf(row.id);
  const basis = basisOf(row.id, row.rev, store.overlay(), memory.counters.generation, stubs);
  return partOf(row, fields, basis);
}

/** Runs a write; when the phone cannot keep it (full, or storage taken away) the person is told. */
async function kept<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    const name = error instanceof DOMException ? error.name : String(error);
    const isOld = name === "VersionError";
    failure.value = isOld ? text.value.newer_window : text.value.not_saved(name);
    throw error;
  }
}

/** Attachments just made: they come to the disk with the draft or op that names them. */
const fresh = new Map<string, NewFile["bytes"]>();

export function attach({ name, bytes }: NewFile): void {
  fresh.set(name, bytes);
}

/** An attachment's bytes; null where this phone does not hold it. */
export async function attached(name: string): Promise<NewFile["bytes"] | null> {
  return fresh.get(name) ?? (await store.fileBytes(name));
}

/** Runs a write of a flow with what is new among the attachments it names. */
async function withFiles<T>(flow: Flow, write: (files: NewFile[]) => Promise<T>): Promise<T> {
  const files = namesIn(flow.parts).flatMap((name) => {
    const bytes = fresh.get(name);
    return bytes ? [{ name, bytes }] : [];
  });
  const result = await kept(write(files));
  for (const { name } of files) fresh.delete(name);
  return result;
}

const draftOf = (flow: Flow, title: string): Draft => ({
  id: flow.id,
  kind: flow.kind,
  title,
  at: Date.now(),
  state: flow,
});

export async function keepDraft(flow: Flow, title: string): Promise<void> {
  const draft = draftOf(flow, title);
  await withFiles(flow, (files) => store.update(() => ({ drafts: [draft], files })));
  touch();
}

export async function dropDraft(id: Id): Promise<void> {
  await store.update(() => ({ dropDrafts: [id] }));
  touch();
}

/**
 * Saves a flow as one op. The receipt is shown as soon as it is on the disk, before all that follows from it is
 * worked out: a slow phone takes its time over the next screen. The words tell what can be undone. `leave` goes
 * from the form in the same step in which everybody else learns of the op, so that the next screen is drawn once.
 */
export async function saveFlow(
  flow: Flow,
  words: string,
  leave: () => void = () => undefined,
): Promise<void> {
  if (clockJumped()) await nextClock();
  const op = await withFiles(flow, (files) =>
    store.save(
      () => {
        const { memory } = store;
        if (!memory?.programme) throw new Error("Locked");
        const { counters, device: held } = memory;
        const nameOf = namer(memory.ops, counters.generation, counters.sent_seq);
        return {
          at: Date.now(),
          clock: held.clock,
          contact: held.contact,
          schema: memory.programme.version,
          changes: changesOf(flow, memory.programme, nameOf),
        };
      },
      { dropDrafts: [flow.id], files },
    ),
  );
  undoable.value = { op, words, flow };
  await painted();
  batch(() => {
    touch();
    leave();
  });
  void askToPersist();
  loop.soon();
}

/** Takes the last save back; what was typed becomes a draft again. */
export async function undo(): Promise<boolean> {
  const last = undoable.value;
  undoable.value = null;
  if (!last) return false;
  const draft = draftOf({ ...last.flow, touched: true }, last.words);
  const isUndone = await kept(store.undo(last.op, [draft]));
  touch();
  notice.value = isUndone ? text.value.undone : text.value.too_late_to_undo;
  return isUndone;
}

let asked = false;

async function askToPersist(): Promise<void> {
  if (asked) return;
  asked = true;
  try {
    if (!(await navigator.storage.persisted())) await navigator.storage.persist();
  } catch {
    // Some browsers have no such promise to give; the phone check page shows it.
  }
}
