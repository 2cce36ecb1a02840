// The encrypted store: what is on the phone, and the only code that writes it.
//
// In memory, after unlocking, lies everything the phone holds; IndexedDB is its sealed copy. A write
// seals first (no crypto inside an IndexedDB transaction: it would commit under our feet), then
// checks in the transaction that no other tab has written since, then puts all of it with strict
// durability. When another tab has, memory is read again and the work is done anew on what is true.
import { isOnOverlay, type Op } from "../model/pending.ts";
import { revsIn } from "../model/register.ts";
import { Blocks } from "./blocks.ts";
import { Boxes } from "./box.ts";
import {
  ALL_DRAWERS,
  type Attempts,
  Connection,
  type Counters,
  DATABASE,
  DRAWERS,
  type DraftBox,
  type StoredBox,
} from "./database.ts";
import { type File, filesAfter, isWaiting, type NewFile } from "./files.ts";
import { writeMarker } from "./marker.ts";
import { type Device, type Draft, emptyMemory, type Memory, take, type Writes } from "./memory.ts";
import { filePlace, opPlace } from "./places.ts";
import { readAll } from "./reading.ts";
import {
  changePin,
  createLock,
  type Lock,
  openLock,
  type Seal,
  type Stretch,
  sealWith,
} from "./vault.ts";
import { sealed, WRITTEN } from "./writing.ts";

export class Stale extends Error {}
export class TooSoon extends Error {
  readonly waitMs: number;
  constructor(waitMs: number) {
    super("Wait before the next PIN");
    this.waitMs = waitMs;
  }
}

/** The store was erased after too many wrong PINs; what was saved lies in boxes. */
export class Erased extends Error {}

/** So many wrong PINs in a row erase the phone, if all that was saved lies in boxes too. */
export const MOST_WRONG = 10;

export class Store {
  readonly #connection = new Connection();
  readonly #stretch: Stretch;
  #seal: Seal | null = null;
  #blocks = new Blocks();
  #boxes = new Boxes();
  #turn: Promise<unknown> = Promise.resolve();
  memory: Memory | null = null;

  constructor(stretch: Stretch) {
    this.#stretch = stretch;
  }

  async isEnrolled(): Promise<boolean> {
    return (await this.#lock()) !== undefined;
  }

  /** Makes the lock and the first, empty memory. */
  async create(pin: string, device: Device, generation: number): Promise<void> {
    const { lock, key } = await createLock(pin, this.#stretch);
    const counters: Counters = {
      id: "counters",
      generation,
      next_seq: 1,
      sent_seq: 0,
      version: 0,
    };
    await this.#connection.use(async (db) => {
      const tx = db.transaction(DRAWERS, "readwrite", { durability: "strict" });
      for (const name of DRAWERS) void tx.objectStore(name).clear();
      void tx.objectStore("lock").put({ ...lock, id: "lock" });
      void tx.objectStore("plain").put(counters);
      await tx.done;
    });
    this.#seal = sealWith(key, lock.key_id);
    this.#blocks = new Blocks();
    this.memory = emptyMemory(device, counters);
    await this.write({ device });
  }

  /** Throws WrongPin, or TooSoon while the back-off after wrong tries runs. */
  async unlock(pin: string, now: number): Promise<void> {
    const lock = await this.#lock();
    if (!lock) throw new Error("Not enrolled");
    const attempts = await this.#connection.use(
      async (db) => (await db.get("plain", "attempts")) as Attempts | undefined,
    );
    // A clock set back must not lock the owner out for longer than the back-off itself.
    const wait = Math.min((attempts?.not_before ?? 0) - now, backOff(attempts?.wrong ?? 0));
    if (wait > 0) throw new TooSoon(wait);
    let key: CryptoKey;
    try {
      key = await openLock(pin, lock, this.#stretch);
    } catch (error) {
      const wrong = (attempts?.wrong ?? 0) + 1;
      const next: Attempts = { id: "attempts", wrong, not_before: now + backOff(wrong) };
      await this.#connection.use((db) => db.put("plain", next));
      if (wrong >= MOST_WRONG && (await this.erase())) throw new Erased("Too many wrong PINs");
      throw error;
    }
    if (attempts) await this.#connection.use((db) => db.delete("plain", "attempts"));
    this.#seal = sealWith(key, lock.key_id);
    await this.reload();
  }

  async changePin(old: string, pin: string): Promise<void> {
    const lock = await this.#lock();
    if (!lock) throw new Error("Not enrolled");
    const next = await changePin(old, pin, lock, this.#stretch);
    await this.#connection.use(async (db) => {
      const tx = db.transaction("lock", "readwrite", { durability: "strict" });
      void tx.store.put({ ...next, id: "lock" });
      await tx.done;
    });
  }

  /** Forgets the key and everything read with it. */
  lock(): void {
    this.#seal = null;
    this.#boxes = new Boxes();
    this.memory = null;
  }

  /** Reads everything from IndexedDB. */
  async reload(): Promise<void> {
    const { memory, blocks } = await readAll(this.#connection, this.#opened());
    this.#blocks = blocks;
    this.memory = memory;
  }

  /** Ops the confirmed rows cannot show yet. */
  overlay(): Op[] {
    const { rows, ops, device } = this.#memory();
    const revsOf = revsIn((id) => [...rows.values()].map((held) => held.get(id)));
    const buckets = Object.values(device.buckets);
    return ops.filter((op) => isOnOverlay(op, revsOf, buckets));
  }

  unsent(): Op[] {
    return this.#memory().ops.filter((op) => op.rev === undefined);
  }

  /** Attachments of saved work that the village does not have yet. */
  waitingFiles(): File[] {
    return [...this.#memory().files.values()].filter(isWaiting);
  }

  /** An attachment's bytes; null where this phone holds none of that name. */
  async fileBytes(name: string): Promise<NewFile["bytes"] | null> {
    const seal = this.#opened();
    const held = await this.#connection.use((db) => db.get("files", name));
    return held ? seal.openBytes(filePlace(name), held) : null;
  }

  /** Saves one op; when this returns, it is on the disk. The seq is given inside the transaction. */
  async save(
    build: () => Omit<Op, "seq" | "generation">,
    more: Pick<Writes, "drafts" | "dropDrafts" | "files"> = {},
  ): Promise<Op> {
    return this.#again(async () => {
      const { counters } = this.#memory();
      const op: Op = { ...build(), seq: counters.next_seq, generation: counters.generation };
      await this.write({ ...more, ops: [op], counters: { next_seq: op.seq + 1 } });
      return op;
    });
  }

  /** Takes back the latest op, if no request has carried it; what was typed becomes a draft again. */
  async undo(op: Op, drafts: Draft[] = []): Promise<boolean> {
    return this.#again(async () => {
      const { counters } = this.#memory();
      const isLast = op.seq === counters.next_seq - 1 && op.generation === counters.generation;
      if (!isLast || op.seq <= counters.sent_seq) return false;
      await this.write({ dropOps: [op], undone: op, drafts, counters: { next_seq: op.seq } });
      return true;
    });
  }

  /** One transaction for all of it. Throws Stale when another tab has written meanwhile. */
  async write(writes: Writes): Promise<void> {
    const seal = this.#opened();
    const memory = this.#memory();
    const plan = this.#blocks.plan(writes.puts ?? [], writes.deletes ?? [], memory.rows);
    const files = filesAfter(memory, writes);
    const put = await sealed(writes, memory, plan, files, seal, this.#boxes);
    const next: Counters = {
      ...memory.counters,
      ...writes.counters,
      files: [...files.list.values()].filter(isWaiting).length,
      version: memory.counters.version + 1,
      device: memory.device.device,
    };
    await this.#connection.use(async (db) => {
      const tx = db.transaction([...WRITTEN], "readwrite", { durability: "strict" });
      const stored = tx.objectStore("plain").get("counters");
      // Asked for behind it and not when it has come: a slow phone then waits once. All of it is taken back
      // when another tab was faster.
      put(tx, next);
      if (((await stored) as Counters | undefined)?.version !== memory.counters.version) {
        tx.abort();
        await tx.done.catch(() => undefined);
        throw new Stale("Another window has written");
      }
      // Without this the browser first tells of each of these, and then waits for more.
      tx.commit?.();
      await tx.done;
    });
    this.#blocks.take(plan);
    memory.files = files.list;
    take(memory, writes, next);
    // A draft is what a save comes of.
    const carry = memory.device.carry;
    if (carry && writes.drafts?.length) this.#boxes.prepare(carry.key);
  }

  /**
   * Runs work that ends in `write` after all such work before it, since each plans on what the one before left;
   * and again on fresh memory when another tab was faster.
   */
  #again<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(() => this.#tried(work));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #tried<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof Stale) || tries >= 5) throw error;
        await this.reload();
      }
    }
  }

  /** `write`, with what to write made anew from memory after another tab's write. */
  async update(build: (memory: Memory) => Writes): Promise<void> {
    await this.#again(() => this.write(build(this.#memory())));
  }

  /** Seals all own ops and drafts to the village's key, now and from now on. */
  async takeCarryKey(key: string): Promise<void> {
    await this.update(({ device, ops, drafts }) => ({
      device: { ...device, carry: { key, epoch: device.epoch } },
      ops,
      drafts: [...drafts.values()],
    }));
  }

  /** Boxes of own ops, in order of generation, then seq. */
  async ownBoxes(isWanted: (box: StoredBox) => boolean): Promise<StoredBox[]> {
    const { device } = this.#memory().device;
    const boxes = await this.#connection.use((db) => db.getAll("boxes"));
    return boxes.filter((box) => box.device === device && isWanted(box));
  }

  /** Boxes of what waits, to be carried by hand; from now on none of it can be taken back. */
  async handOut(): Promise<StoredBox[]> {
    await this.update(({ counters }) => ({ counters: { sent_seq: counters.next_seq - 1 } }));
    const waiting = new Set(this.unsent().map(opPlace));
    return this.ownBoxes((box) => waiting.has(opPlace(box)));
  }

  /** Boxes of an erased store: their ops lie nowhere else on this phone. */
  async orphans(): Promise<StoredBox[]> {
    const boxes = await this.#connection.use((db) => db.getAll("boxes"));
    if (!this.memory && (await this.isEnrolled())) return [];
    return boxes.filter((box) => box.device !== this.memory?.device.device);
  }

  /** Boxes of drafts begun before this phone was enrolled anew in this village. */
  async orphanDrafts(): Promise<DraftBox[]> {
    const { device, village } = this.#memory().device;
    const boxes = await this.#connection.use((db) => db.getAll("draft_boxes"));
    return boxes.filter((box) => box.device !== device && box.village === village.code);
  }

  async dropBoxes(boxes: readonly StoredBox[]): Promise<void> {
    await this.#connection.use(async (db) => {
      const tx = db.transaction("boxes", "readwrite", { durability: "strict" });
      for (const box of boxes) void tx.store.delete([box.device, box.generation, box.seq]);
      await tx.done;
    });
  }

  /**
   * Erases all but the boxes, without a PIN. False, and nothing erased, when an op lies in no box: a phone
   * that never heard the village's key. Pictures and recordings lie in no box either: they too keep it from
   * being erased, unless somebody was told how many they are and lets them go.
   */
  async erase(withFiles = false): Promise<boolean> {
    const isErased = await this.#connection.use(async (db) => {
      const tx = db.transaction(ALL_DRAWERS, "readwrite", { durability: "strict" });
      const ops = await tx.objectStore("ops").getAllKeys();
      const boxed = await tx.objectStore("boxes").getAllKeys();
      const counters = (await tx.objectStore("plain").get("counters")) as Counters | undefined;
      const own = boxed.filter(([device]) => device === counters?.device);
      const names = new Set(own.map(([, generation, seq]) => `${generation}/${seq}`));
      const isKept = !withFiles && (counters?.files ?? 0) > 0;
      const isSafe = !isKept && ops.every(([generation, seq]) => names.has(`${generation}/${seq}`));
      if (isSafe) for (const name of DRAWERS) void tx.objectStore(name).clear();
      await tx.done;
      return isSafe;
    });
    if (isErased) {
      this.lock();
      writeMarker(null);
    }
    return isErased;
  }

  /** Erases everything the village has already: all, but boxes of an earlier store that still wait. */
  async wipe(): Promise<void> {
    const own = this.memory?.device.device;
    this.lock();
    writeMarker(null);
    const left = await this.#connection.use(async (db) => {
      const tx = db.transaction(ALL_DRAWERS, "readwrite", { durability: "strict" });
      for (const name of DRAWERS) void tx.objectStore(name).clear();
      const boxes = await tx.objectStore("boxes").getAllKeys();
      for (const key of boxes) if (key[0] === own) void tx.objectStore("boxes").delete(key);
      const drafts = await tx.objectStore("draft_boxes").getAllKeys();
      for (const key of drafts) if (key[0] === own) void tx.objectStore("draft_boxes").delete(key);
      await tx.done;
      return [...boxes, ...drafts].filter(([device]) => device !== own).length;
    });
    await this.#connection.close();
    if (left === 0) indexedDB.deleteDatabase(DATABASE);
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  #memory(): Memory {
    if (!this.memory) throw new Error("Locked");
    return this.memory;
  }

  #opened(): Seal {
    if (!this.#seal) throw new Error("Locked");
    return this.#seal;
  }

  #lock(): Promise<Lock | undefined> {
    return this.#connection.use((db) => db.get("lock", "lock"));
  }
}

/** 1 s, 2 s, 4 s … after the third wrong PIN, five minutes at most. */
function backOff(wrong: number): number {
  return wrong < 3 ? 0 : Math.min(1000 * 2 ** (wrong - 3), 300_000);
}
