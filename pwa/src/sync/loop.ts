// When to exchange, and how to wait after it failed. It works in the foreground only: phones stop
// pages in the background, and a promise kept by luck is not one.
//
//   idle --(button, network back, app to the front, work waiting)--> running --> idle
//                                 ^                                      |
//                                 +---- waiting (back-off, full jitter) <+ no answer
import { effect, signal } from "@preact/signals";
import { decided, disputesIn, ended } from "../model/disputes.ts";
import { DATABASE } from "../store/database.ts";
import type { Store } from "../store/store.ts";
import { getSettled, NoAnswer, Refused, type Why, type Wire } from "./call.ts";
import { handOver } from "./carry.ts";
import { regain } from "./drafts.ts";
import { exchange, type Progress } from "./exchange.ts";
import { type FileProgress, handOverFiles } from "./upload.ts";

export type SyncState =
  | { kind: "idle" }
  | { kind: "running"; progress: Progress; files?: FileProgress }
  | { kind: "waiting"; until: number; tries: number; why: Why | "busy" | "full" }
  | { kind: "paused" }
  | { kind: "refused"; code: string; message: string };

export interface LoopHost {
  store: Store;
  wire: Wire;
  now: () => number;
  random: () => number;
  /** Called after each answer that was stored. */
  onStored: () => void;
  onWipe: () => Promise<void>;
}

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 300_000;
/** Work just saved can still be undone for this long before it is sent. */
export const UNDO_MS = 8_000;
const REFRESH_MS = 15 * 60_000;

export function waitMs(tries: number, random: number): number {
  return Math.round(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries) * random);
}

export class Loop {
  readonly state = signal<SyncState>({ kind: "idle" });
  readonly #host: LoopHost;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<boolean> | null = null;
  #tries = 0;
  #stopped = true;
  /** The server asked for quiet until then; only a person's own tap comes earlier. */
  #quietUntil = 0;
  #pausing = false;

  constructor(host: LoopHost) {
    this.#host = host;
  }

  start(): void {
    this.#stopped = false;
    addEventListener("online", this.#wake);
    document.addEventListener("visibilitychange", this.#wake);
    this.soon(0);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    removeEventListener("online", this.#wake);
    document.removeEventListener("visibilitychange", this.#wake);
  }

  readonly #wake = (): void => {
    if (document.visibilityState !== "visible") return;
    this.#tries = 0;
    this.soon(0);
  };

  /** Exchanges after a while, when the app is in front then. */
  soon(delay: number = UNDO_MS): void {
    if (this.#stopped || this.state.value.kind === "paused") return;
    clearTimeout(this.#timer);
    const quiet = this.#quietUntil - this.#host.now();
    this.#timer = setTimeout(
      () => {
        // A phone that says it has no network has none; the event "online" comes when it has.
        if (document.visibilityState === "visible" && navigator.onLine) void this.run();
      },
      Math.max(delay, quiet),
    );
  }

  /** The server asked not to be called for a while. */
  quiet(ms: number): void {
    this.#quietUntil = this.#host.now() + ms;
  }

  /** Stops after the answer under way is stored; `run` goes on from there. */
  pause(): void {
    this.#pausing = this.#running !== null;
  }

  /** Exchanges now; a second call while one runs joins it. True when it went through. */
  run(): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#pausing = false;
    this.#running ??= this.#once().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #once(): Promise<boolean> {
    const { store, wire, now, onStored, onWipe } = this.#host;
    this.state.value = {
      kind: "running",
      progress: { sent: 0, to_send: store.unsent().length, received: 0, bytes: 0, answers: 0 },
    };
    let stored = 0;
    try {
      const finish = await asLeader(() =>
        exchange(store, wire, now, (progress) => {
          this.state.value = { kind: "running", progress };
          if (progress.answers > stored) {
            stored = progress.answers;
            onStored();
            if (this.#pausing) throw new Paused();
          }
        }),
      );
      if (finish === null) {
        // Another window is exchanging for both.
        this.state.value = { kind: "idle" };
        this.soon(FIRST_WAIT_MS);
        return false;
      }
      // Boxes of an earlier store of this phone, then its drafts; they wait for the next exchange when this fails.
      await handOver(store, wire).catch(() => undefined);
      await regain(store, wire).catch(() => 0);
      await learn(store, wire);
      onStored();
      await this.#bringFiles(finish.kind === "wipe");
      if (finish.kind === "wipe") {
        this.stop();
        await onWipe();
        return false;
      }
      this.#tries = 0;
      this.#quietUntil = 0;
      this.state.value = { kind: "idle" };
      onStored();
      this.soon(REFRESH_MS);
      return true;
    } catch (error) {
      if (store.memory === null) {
        this.state.value = { kind: "idle" };
        return false;
      }
      if (error instanceof Paused) {
        this.state.value = { kind: "paused" };
        return false;
      }
      return this.#failed(error);
    }
  }

  /** A phone that is to be erased waits for no attachment that the village refuses. */
  async #bringFiles(isLast: boolean): Promise<void> {
    const { store, wire, now } = this.#host;
    const state = this.state.value;
    if (state.kind !== "running") return;
    try {
      await asLeader(() =>
        handOverFiles(store, wire, now, (files) => {
          this.state.value = { ...state, files };
          if (this.#pausing) throw new Paused();
        }),
      );
    } catch (error) {
      // Of one that has brought as much as it may the office takes in the rest.
      const isFinal =
        error instanceof Refused &&
        ![503, 429].includes(error.status) &&
        error.code !== "cut_off_full";
      if (!isLast || !isFinal) throw error;
    }
  }

  #failed(error: unknown): boolean {
    const { now, random, onStored } = this.#host;
    onStored();
    const busy = error instanceof Refused && (error.status === 503 || error.status === 429);
    if (error instanceof Refused && !busy) {
      this.state.value = { kind: "refused", code: error.code, message: error.message };
      return false;
    }
    // What came could not be kept: there is no room on the phone, or the browser has taken the storage away.
    const full = error instanceof DOMException;
    if (!busy && !full && !(error instanceof NoAnswer)) {
      this.state.value = { kind: "idle" };
      throw error;
    }
    const least = busy ? error.retryAfter * 1000 : 0;
    const wait = least + waitMs(this.#tries, random());
    this.#tries += 1;
    this.quiet(busy ? wait : 0);
    const why = error instanceof NoAnswer ? error.why : full ? "full" : "busy";
    this.state.value = { kind: "waiting", until: now() + wait, tries: this.#tries, why };
    this.soon(Math.max(wait, 500));
    return false;
  }
}

/** The person asked to stop for now. */
class Paused extends Error {}

/** What the office has decided about own answers since. Without an answer the decision is shown without its why. */
async function learn(store: Store, wire: Wire): Promise<void> {
  const { memory } = store;
  if (!memory) return;
  const { disputes: before = {}, token } = memory.device;
  const now = disputesIn(memory.rows.values(), memory.ops);
  const names = ended(before, now).slice(0, 20);
  if (names.length === 0 && JSON.stringify(now) === JSON.stringify(before)) return;
  const told = names.length > 0 ? await getSettled(wire, token, names).catch(() => null) : null;
  await store.update(({ device }) => ({
    device: {
      ...device,
      disputes: now,
      decisions: decided(names, before, told ?? new Map(), device.decisions ?? []),
    },
  }));
}

/** One tab exchanges at a time; null when another one does. */
async function asLeader<T>(work: () => Promise<T>): Promise<T | null> {
  if (!("locks" in navigator)) return work();
  return navigator.locks.request(`${DATABASE}-sync`, { ifAvailable: true }, (lock) =>
    lock ? work() : null,
  );
}

/** Resolves at the next idle state; for screens that wait for the first download. */
export function settled(loop: Loop): Promise<SyncState> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      const state = loop.state.value;
      if (state.kind === "running") return;
      resolve(state);
      queueMicrotask(() => stop());
    });
  });
}
