// For tests: the smallest village server that speaks PROTOCOL, in memory. It merges nothing; it knows
// numbering, cursors, digests, replays, gaps, forks, backups and repair, and can be told to misbehave
// as networks do.
import { digestOf, toHex } from "../model/canonical.ts";
import { headOf, sixteen } from "../model/repair.ts";
import type { EditValue, Fields, Page, SyncAnswer, SyncRequest, WireRow } from "../model/wire.ts";

interface Stored {
  row: WireRow;
  bucket: string;
  gone: boolean;
}

interface Backup {
  rev: number;
  records: Map<string, Stored>;
  ops: Map<string, string>;
}

/** A public key of P-256; nobody here has the other half. */
const KEY =
  "BEnNgc33gi1QR5KVBPt/wF4Hx09jPAUyLIcj+LUkwZ9lp79DSUzJKke0iabJht944xe6z5QAGH391rfZvwP2K8g=";

/** Further than any rev given between two backups (§3.6). */
const JUMP = 1_000_000;

export class Village {
  rev = 0;
  epoch = "e1";
  generation = 1;
  programme = "p1";
  pageSize = 1000;
  buckets = ["village", "grid:01"];
  wipe = false;
  kept = 0;
  readonly records = new Map<string, Stored>();
  readonly ops = new Map<string, string>();
  readonly requests: SyncRequest[] = [];
  readonly boxes: string[] = [];
  /** What has come of each attachment. */
  readonly files = new Map<string, Uint8Array>();
  /** Parts of attachments as they came: name, offset, bytes. */
  readonly parts: [string, number, number][] = [];
  /** Called with each part before it is taken; may throw as a network does. */
  onPart: (name: string, offset: number) => void = () => undefined;
  /** Status and code with which it would not take an attachment; null: it takes it. */
  refuses: (name: string) => [number, string] | null = () => null;
  readonly refused: string[] = [];
  /** What is answered for each box. */
  becameOf = "stored";
  /** What is given back of the boxes of drafts, one after the other. */
  drafts: unknown[] = [];
  /** Called with each answer before it leaves; may cut it, replace it or throw. */
  onAnswer: (answer: SyncAnswer) => unknown = (answer) => answer;

  readonly fetch: typeof fetch = async (input, init) => {
    const path = String(input);
    if (path === "/api/programme") {
      const body = { version: this.programme, types: {}, lists: {}, rules: [] };
      return Response.json(body, { headers: { ETag: `"${this.programme}"` } });
    }
    if (path === "/api/carry") {
      const head = { magic: "zoufang-carry", protocol: 1, village: "990000101201" };
      if (init?.method !== "POST") return Response.json({ ...head, key: KEY });
      const { boxes } = JSON.parse(await textOf(init)) as { boxes: string[] };
      this.boxes.push(...boxes);
      return Response.json({ ...head, results: boxes.map(() => this.becameOf) });
    }
    if (path === "/api/drafts") {
      const head = { magic: "zoufang-drafts", protocol: 1, village: "990000101201" };
      return Response.json({ ...head, drafts: this.drafts });
    }
    if (path.startsWith("/api/blobs/")) return this.#file(path.slice(11), init);
    const request = JSON.parse(await textOf(init)) as SyncRequest;
    this.requests.push(request);
    const answer = await this.onAnswer(this.answer(request));
    return answer instanceof Response ? answer : Response.json(answer);
  };

  put(id: string, type: string, fields: Fields, bucket = "grid:01"): void {
    this.rev += 1;
    this.records.set(id, { row: [id, type, this.rev, fields], bucket, gone: false });
  }

  remove(id: string): void {
    const held = this.records.get(id);
    if (!held) return;
    this.rev += 1;
    held.row = [held.row[0], held.row[1], this.rev, held.row[3]];
    held.gone = true;
  }

  rows(bucket: string): WireRow[] {
    return [...this.records.values()]
      .filter((held) => held.bucket === bucket && !held.gone)
      .map((held) => held.row);
  }

  backup(): Backup {
    const { rev, records, ops } = this;
    return structuredClone({ rev, records, ops });
  }

  /** As it was at the backup, in a new epoch, numbering on from beyond everything given out. */
  restore(backup: Backup): void {
    this.epoch += "+";
    this.rev = backup.rev + JUMP;
    for (const name of ["records", "ops"] as const) this[name].clear();
    for (const [id, held] of structuredClone(backup.records)) this.records.set(id, held);
    for (const [key, op] of backup.ops) this.ops.set(key, op);
  }

  answer(request: SyncRequest): SyncAnswer {
    const prefix = `${request.device}/${request.generation}/`;
    const acked = () => [...this.ops.keys()].filter((key) => key.startsWith(prefix)).length;
    const base: SyncAnswer = {
      magic: "zoufang-sync",
      protocol: 1,
      village: request.village,
      device: request.device,
      generation: request.generation,
      epoch: this.epoch,
      now: 1000,
      acked: acked(),
      kept: this.kept,
      revs: [],
      verdicts: [],
      programme: this.programme,
      buckets: this.buckets,
      pages: {},
    };
    for (const [at, op] of request.ops.entries()) {
      const seq = request.first + at;
      const key = `${prefix}${seq}`;
      const changes = op.changes.map((change) => [request.ids[change.record], change.set]);
      const bytes = JSON.stringify([op.at, changes]);
      const known = this.ops.get(key);
      if (known === undefined) {
        if (seq !== acked() + 1) break;
        this.rev += 1;
        this.ops.set(key, `${this.rev}|${bytes}`);
        for (const change of op.changes) this.#merge(request.ids[change.record] ?? "", change);
      } else if (known.slice(known.indexOf("|") + 1) !== bytes) {
        this.generation = Math.max(this.generation, request.generation) + 1;
        return { ...base, generation: this.generation, acked: seq - 1 };
      }
      base.revs.push(Number(this.ops.get(key)?.split("|")[0]));
    }
    base.acked = acked();
    if (this.wipe) return { ...base, buckets: [], wipe: true };
    for (const bucket of this.buckets) {
      const [cursor, digest] = request.pull[bucket] ?? [0, ""];
      const fresh = [...this.records.values()]
        .filter((held) => held.bucket === bucket && held.row[2] > cursor)
        .sort((a, b) => a.row[2] - b.row[2]);
      const page = fresh.slice(0, this.pageSize);
      const more = page.length < fresh.length;
      const rows = page.filter((held) => !held.gone).map((held) => held.row);
      const fetched = this.rows(bucket).filter((row) => request.fetch?.[bucket]?.includes(row[0]));
      const sums = request.compare?.[bucket];
      base.pages[bucket] = {
        rows: [...rows, ...fetched.filter((row) => !rows.includes(row))],
        ...(sums && fresh.length === 0 ? { differ: this.#differ(bucket, sums) } : {}),
        gone: page.filter((held) => held.gone).map((held) => held.row[0]),
        cursor: more ? (page[page.length - 1]?.row[2] ?? cursor) : this.rev,
        more,
        ...(more ? {} : { digest: digestOf(this.rows(bucket)) }),
        ...(!more && digest !== "" && fresh.length === 0
          ? { agrees: digest === digestOf(this.rows(bucket)) }
          : {}),
      };
    }
    return base;
  }

  async #file(name: string, init: RequestInit | undefined): Promise<Response> {
    const refusal = (status: number, code: string, details = {}) =>
      Response.json({ error: { code, message: code, details } }, { status });
    if (![...this.ops.values()].some((op) => op.includes(name)))
      return refusal(404, "blob_unnamed");
    const [status, code] = this.refuses(name) ?? [200, ""];
    if (code === "blob_unnamed" && init?.method === "HEAD")
      return new Response(null, { status: 404 });
    if (code && init?.method === "PATCH") {
      this.refused.push(name);
      return refusal(status, code);
    }
    const offset = Number(new Headers(init?.headers).get("Upload-Offset"));
    if (init?.method === "PATCH") this.onPart(name, offset);
    const held = this.files.get(name) ?? new Uint8Array();
    const told = (size: number) => ({
      "Upload-Offset": String(held.length),
      "Upload-Length": String(size),
    });
    if (init?.method === "HEAD") {
      const isWhole = name === `${await sha256(held)}.jpg`;
      return new Response(null, { headers: told(isWhole ? held.length : 0) });
    }
    const headers = new Headers(init?.headers);
    const size = Number(headers.get("Upload-Length"));
    const part = new Uint8Array(await new Response(init?.body as BodyInit).arrayBuffer());
    this.parts.push([name, offset, part.length]);
    if (offset !== held.length) return refusal(409, "blob_offset", { offset: held.length });
    const all = new Uint8Array([...held, ...part]);
    this.files.set(name, all);
    if (all.length === size && name !== `${await sha256(all)}.jpg`) {
      this.files.delete(name);
      return refusal(422, "blob_broken");
    }
    const done = all.length === size;
    return Response.json({
      magic: "zoufang-blob",
      protocol: 1,
      name,
      offset: all.length,
      size,
      done,
    });
  }

  #differ(bucket: string, sums: string[]): NonNullable<Page["differ"]> {
    const own = sixteen(this.rows(bucket)).map(toHex);
    const wrong = [..."0123456789abcdef"].filter((_, at) => own[at] !== sums[at]);
    return Object.fromEntries(
      wrong.map((digit) => [
        digit,
        this.rows(bucket)
          .filter((row) => row[0].endsWith(digit))
          .map((row): [string, string] => [row[0], headOf(row)]),
      ]),
    );
  }

  #merge(id: string, change: { type: string; set: Record<string, EditValue> }): void {
    const held = this.records.get(id);
    const fields = { ...(held?.row[3] ?? {}) };
    let gone = held?.gone ?? true;
    for (const [key, value] of Object.entries(change.set)) {
      if (key === "present") gone = value !== true;
      else if (value === null) delete fields[key];
      else fields[key] = value;
    }
    const row: WireRow = [id, change.type, this.rev, fields];
    this.records.set(id, { row, bucket: held?.bucket ?? "grid:01", gone });
  }
}

async function textOf(init: RequestInit | undefined): Promise<string> {
  if (typeof init?.body === "string") return init.body;
  const stream = new Blob([init?.body as ArrayBuffer]).stream();
  return new Response(stream.pipeThrough(new DecompressionStream("gzip"))).text();
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const sum = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
  return Buffer.from(sum).toString("hex");
}
