// One call to the village's server, and what may be believed of its answer.

import { isProgramme, type Programme } from "../forms/programme.ts";
import {
  type EnrolAnswer,
  type EnrolPeek,
  isEnrolAnswer,
  isOwnAnswer,
  type SyncAnswer,
  type SyncRequest,
} from "../model/wire.ts";

/**
 * Why there was no answer: no network or nobody there (DNS, TLS and cables look alike from here), cut off in
 * the middle, too slow, somebody else's page (a network that wants a login first), a server that is ill.
 */
export type Why = "offline" | "cut" | "slow" | "portal" | "ill";

/** No answer that can be believed. A normal event. */
export class NoAnswer extends Error {
  readonly why: Why;
  constructor(message: string, why: Why = "portal") {
    super(message);
    this.why = why;
  }
}

/** The server refused; `message` is its own sentence for the person. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfter: number;
  readonly details: Record<string, unknown>;
  constructor(
    status: number,
    code: string,
    message: string,
    retryAfter: number,
    details: Record<string, unknown> = {},
  ) {
    super(message);
    this.details = details;
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

export interface Wire {
  fetch: typeof fetch;
  language: () => string;
}

const TIMEOUT_MS = 90_000;

export async function gzip(text: string): Promise<ArrayBuffer | null> {
  if (typeof CompressionStream === "undefined" || text.length < 512) return null;
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

/** The body's text, told of its growth; a body slower than the time limit counts as no answer. */
async function readText(response: Response, onBytes?: (bytes: number) => void): Promise<string> {
  if (!response.body || !onBytes) return response.text();
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.length;
    onBytes(bytes);
    text += decoder.decode(value, { stream: true });
  }
}

interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

async function call(
  wire: Wire,
  path: string,
  init: RequestInit & { headers: Record<string, string> },
  onBytes?: (bytes: number) => void,
): Promise<Answer> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
  let why: Why = "offline";
  try {
    const response = await wire.fetch(path, {
      ...init,
      headers: { "Accept-Language": wire.language(), ...init.headers },
      signal: abort.signal,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
    });
    const { status, headers } = response;
    if (status === 304) return { status, headers, body: null };
    why = "cut";
    const text = await readText(response, onBytes);
    why = "portal";
    // A server in front of ours says in its own words that ours is busy or down.
    const mayBeNone = status >= 400 || init.method === "HEAD";
    return { status, headers, body: mayBeNone ? whatever(text) : JSON.parse(text) };
  } catch (error) {
    throw new NoAnswer(String(error), abort.signal.aborted ? "slow" : why);
  } finally {
    clearTimeout(timer);
  }
}

function whatever(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function refuse({ status, headers, body }: Answer): never {
  const error = (body as { error?: Record<string, unknown> } | null)?.error;
  const details = (error?.details ?? {}) as Record<string, unknown>;
  const retryAfter = Number(details.retry_after) || Number(headers.get("Retry-After")) || 0;
  if (error && typeof error.code === "string") {
    const message = String(error.message ?? error.code);
    throw new Refused(status, error.code, message, retryAfter, details);
  }
  if (status === 503 || status === 429) throw new Refused(status, "busy", "", retryAfter);
  throw new NoAnswer(`Status ${status}`, status >= 500 ? "ill" : "portal");
}

type Init = RequestInit & { headers: Record<string, string> };

function post(body: unknown): Init {
  return {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
}

/** Throws NoAnswer, Refused (`code_unknown`, `slow_down`). */
export async function peek(wire: Wire, code: string): Promise<EnrolPeek> {
  const answer = await call(wire, "/api/enrol/peek", post({ code }));
  if (answer.status !== 200) refuse(answer);
  const body = answer.body as Partial<EnrolPeek> | null;
  if (!body?.village || !body.account) throw new NoAnswer("Not the village's server");
  return body as EnrolPeek;
}

export async function enrol(wire: Wire, code: string, label: string): Promise<EnrolAnswer> {
  const answer = await call(wire, "/api/enrol", post({ code, label }));
  if (answer.status >= 400) refuse(answer);
  if (!isEnrolAnswer(answer.body)) throw new NoAnswer("Not the village's server");
  return answer.body;
}

/** null when the phone's copy is current. */
export async function getProgramme(
  wire: Wire,
  token: string,
  etag: string,
): Promise<{ programme: Programme; etag: string } | null> {
  const headers: Record<string, string> = { Authorization: `Bearer ${token}` };
  if (etag) headers["If-None-Match"] = etag;
  const answer = await call(wire, "/api/programme", { method: "GET", headers });
  if (answer.status === 304) return null;
  if (answer.status !== 200) refuse(answer);
  if (!isProgramme(answer.body)) throw new NoAnswer("Not the village's server");
  return { programme: answer.body, etag: answer.headers.get("ETag") ?? "" };
}

export interface Traffic {
  sent_bytes: number;
  received_bytes: number;
}

export async function postSync(
  wire: Wire,
  token: string,
  request: SyncRequest,
  onTraffic: (traffic: Traffic) => void,
): Promise<SyncAnswer> {
  const text = JSON.stringify(request);
  const packed = await gzip(text);
  const sent_bytes = packed ? packed.byteLength : text.length;
  const headers: Record<string, string> = {
    "Content-Type": "application/json",
    Authorization: `Bearer ${token}`,
  };
  if (packed) headers["Content-Encoding"] = "gzip";
  const answer = await call(
    wire,
    "/api/sync",
    { method: "POST", headers, body: packed ?? text },
    (received_bytes) => onTraffic({ sent_bytes, received_bytes }),
  );
  if (answer.status >= 400) refuse(answer);
  if (!isOwnAnswer(answer.body, request.device, request.village)) {
    throw new NoAnswer("Not the village's server");
  }
  return answer.body;
}

const CARRY = "zoufang-carry";

/** The village's public key, base64. */
export async function getCarryKey(wire: Wire, token: string): Promise<string> {
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await call(wire, "/api/carry", { method: "GET", headers });
  if (answer.status !== 200) refuse(answer);
  const body = answer.body as { magic?: unknown; key?: unknown } | null;
  if (body?.magic !== CARRY || typeof body.key !== "string") throw new NoAnswer("No key");
  return body.key;
}

/** Why the office decided as it did, by `record/key`. */
export async function getSettled(
  wire: Wire,
  token: string,
  names: readonly string[],
): Promise<Map<string, { at: number; reason: string }>> {
  const query = names.map((name) => `key=${encodeURIComponent(name)}`).join("&");
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await call(wire, `/api/settled?${query}`, { method: "GET", headers });
  if (answer.status !== 200) refuse(answer);
  const body = answer.body as { magic?: unknown; settled?: unknown } | null;
  if (body?.magic !== "zoufang-settled" || !Array.isArray(body.settled))
    throw new NoAnswer("No decisions");
  return new Map(
    (body.settled as { key: string; at: number; reason: string }[]).map((each) => [each.key, each]),
  );
}

/** What became of each box. */
export async function postBoxes(wire: Wire, message: unknown): Promise<string[]> {
  const answer = await call(wire, "/api/carry", post(message));
  if (answer.status !== 200) refuse(answer);
  const body = answer.body as { magic?: unknown; results?: unknown } | null;
  if (body?.magic !== CARRY || !Array.isArray(body.results)) throw new NoAnswer("No results");
  return body.results.map(String);
}

/** Each draft that was in a box, or null where it is not this person's to have. */
export async function postDrafts(wire: Wire, token: string, message: unknown): Promise<unknown[]> {
  const init = post(message);
  init.headers.Authorization = `Bearer ${token}`;
  const answer = await call(wire, "/api/drafts", init);
  if (answer.status !== 200) refuse(answer);
  const body = answer.body as { magic?: unknown; drafts?: unknown } | null;
  if (body?.magic !== "zoufang-drafts" || !Array.isArray(body.drafts))
    throw new NoAnswer("No drafts");
  return body.drafts;
}

export interface HeldFile {
  offset: number;
  /** 0: not known yet. */
  size: number;
}

/** How much of an attachment the village has; null while no record it has names it. */
export async function headFile(wire: Wire, token: string, name: string): Promise<HeldFile | null> {
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await call(wire, `/api/blobs/${name}`, { method: "HEAD", headers });
  if (answer.status === 404) return null;
  if (answer.status !== 200) refuse(answer);
  const [offset, size] = ["Upload-Offset", "Upload-Length"].map((each) => answer.headers.get(each));
  if (!offset || !size) throw new NoAnswer("Not the village's server");
  return { offset: Number(offset), size: Number(size) };
}

/** The part that begins at `offset`; says where the next begins. Throws NoAnswer, Refused. */
export async function patchFile(
  wire: Wire,
  token: string,
  name: string,
  part: Uint8Array<ArrayBuffer>,
  at: HeldFile,
): Promise<HeldFile & { done: boolean }> {
  const headers = {
    Authorization: `Bearer ${token}`,
    "Content-Type": "application/offset+octet-stream",
    "Upload-Offset": String(at.offset),
    "Upload-Length": String(at.size),
  };
  const answer = await call(wire, `/api/blobs/${name}`, { method: "PATCH", headers, body: part });
  if (answer.status !== 200) refuse(answer);
  const body = answer.body as Partial<Record<string, unknown>> | null;
  const { magic, name: told, offset, size, done } = body ?? {};
  if (magic !== "zoufang-blob" || told !== name) throw new NoAnswer("Not the village's server");
  return { offset: Number(offset), size: Number(size), done: done === true };
}
