// The piece of work on the screen. Each answer is kept as a draft a moment later, and at once when the
// page is left or hidden.
import { effect, signal } from "@preact/signals";
import { type Flow, type Part, withPart } from "../forms/flow.ts";
import { completed, type Finding, findings, type Setting } from "../forms/form.ts";
import { formOf } from "../forms/programme.ts";
import type { FormValue } from "../model/edits.ts";
import type { Id } from "../model/wire.ts";
import { route } from "../route.ts";
import { drafts, dropDraft, keepDraft, phase, programme, saveFlow, setting } from "../session.ts";
import { flowOf } from "./start.ts";

const QUIET_MS = 300;

export const work = signal<Flow | null>(null);
/** Whether the person has tried to go on, so that what is missing may be said. */
export const tried = signal(false);

let timer: ReturnType<typeof setTimeout> | undefined;
let isKept = true;
let keeping: Promise<void> = Promise.resolve();
/** What is being saved for good: it must not come back as a draft. */
let finishing: Id | null = null;

export function open(id: Id): Flow | null {
  if (work.value?.id !== id) {
    work.value = flowOf(id);
    tried.value = false;
    isKept = true;
  }
  return work.value;
}

export function change(next: Flow): void {
  work.value = next;
  isKept = false;
  clearTimeout(timer);
  timer = setTimeout(() => void keep(), QUIET_MS);
}

const titleOf = ({ id }: Flow): string =>
  drafts.value.find((draft) => draft.id === id)?.title ?? "";

/** Writes the draft now, after any write under way. */
export function keep(): Promise<void> {
  clearTimeout(timer);
  keeping = keeping.then(async () => {
    const flow = work.value;
    if (!flow || isKept || flow.id === finishing) return;
    isKept = true;
    try {
      await keepDraft(flow, titleOf(flow));
    } catch {
      // Said by the session; the next answer tries again.
      isKept = false;
    }
  });
  return keeping;
}

addEventListener("pagehide", () => void keep());
// A locked phone keeps nothing readable in memory; the draft lies sealed in the store.
effect(() => {
  if (phase.value !== "open") work.value = null;
});

addEventListener("beforeunload", (event) => {
  // Only in the instant between an answer and its draft; the browser then asks before it leaves.
  if (!isKept) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") void keep();
});

export function answer(part: Part, field: string, value: FormValue): void {
  // As it is now: an answer that took a while (a picture) must not bring back what others were then.
  const held = work.value?.parts.find((each) => each.id === part.id);
  if (!work.value || !held) return;
  const next = withPart(work.value, { ...held, now: { ...held.now, [field]: value } });
  change({ ...next, touched: true });
}

/** Goes to a part (null: the overview), remembering where from when asked to. */
export function goTo(at: Id | null, remember = false): void {
  const flow = work.value;
  if (!flow) return;
  tried.value = false;
  const trail = remember && flow.at !== null ? [...flow.trail, flow.at] : flow.trail;
  change({ ...flow, at, section: 0, trail });
  void keep();
  scrollTo(0, 0);
}

export function partSetting(): Setting {
  return setting(["household_id", "child_id", "corrects_id", "joint_with"]);
}

export function problemsOf(part: Part): Finding[] {
  const type = formOf(programme.value, part.type, part.now);
  return type ? findings(type, part.now, partSetting()) : [];
}

/** Saves for good and goes on; when it returns the work is on the phone's disk. */
export async function finish(words: string, goOn: () => void): Promise<void> {
  const begun = work.value;
  if (!begun) return;
  clearTimeout(timer);
  await keeping;
  // With what was answered while the draft was being written.
  const flow = work.value?.id === begun.id ? work.value : begun;
  const isStill = () => work.value?.id === flow.id;
  finishing = flow.id;
  const parts = flow.parts.map((part) => {
    const type = formOf(programme.value, part.type, part.now);
    return type ? { ...part, now: completed(type, part.now, partSetting()) } : part;
  });
  try {
    await saveFlow({ ...flow, parts }, words, () => {
      if (isStill()) {
        work.value = null;
        isKept = true;
      }
      goOn();
    });
  } catch (error) {
    // The draft is behind by what was answered last.
    if (isStill()) isKept = false;
    else await keepDraft(flow, titleOf(flow)).catch(() => undefined);
    throw error;
  } finally {
    finishing = null;
    void keep();
  }
}

export async function discard(): Promise<void> {
  const flow = work.value;
  clearTimeout(timer);
  await keeping;
  putAway(flow);
  if (flow) await dropDraft(flow.id);
}

/**
 * Leaves the screen: what was answered stays as a draft, what was only looked at goes; not for a look at the numbers
 * to call, from where one comes back.
 */
export async function leave(): Promise<void> {
  const flow = work.value;
  if (flow && !flow.touched && route.value[0] !== "emergency") await discard();
  else await keep();
  putAway(flow);
}

/** Not one that was opened, or gone on with, meanwhile. */
function putAway(flow: Flow | null): void {
  if (work.value !== flow) return;
  isKept = true;
  work.value = null;
}
