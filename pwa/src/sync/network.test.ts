import assert from "node:assert/strict";
import { test } from "node:test";
import { NoAnswer, peek, Refused } from "./call.ts";

const saying = (fetch: () => Promise<Response>) => ({
  fetch: fetch as typeof globalThis.fetch,
  language: () => "zh",
});

async function why(answer: () => Promise<Response>): Promise<string> {
  const error = await peek(saying(answer), "ABCD").then(
    () => assert.fail("it was believed"),
    (reason: unknown) => reason,
  );
  if (error instanceof Refused) return `${error.code} ${error.retryAfter}`;
  assert.ok(error instanceof NoAnswer, String(error));
  return error.why;
}

const html = (status: number, headers: Record<string, string> = {}) =>
  Promise.resolve(new Response("<html>请先登录</html>", { status, headers }));

test("no network, an unknown name and a bad certificate are nobody there", async () => {
  assert.equal(await why(() => Promise.reject(new TypeError("Failed to fetch"))), "offline");
});

test("a page of somebody else is a network that wants a login", async () => {
  assert.equal(await why(() => html(200)), "portal");
  assert.equal(await why(() => Promise.resolve(Response.json({ hello: 1 }))), "portal");
  assert.equal(await why(() => html(404)), "portal");
});

test("an answer that breaks off is cut", async () => {
  const half = new ReadableStream({
    pull: (controller) => controller.error(new TypeError("network error")),
  });

  assert.equal(await why(() => Promise.resolve(new Response(half))), "cut");
});

test("a server that is ill says so, in whatever words", async () => {
  assert.equal(await why(() => html(502)), "ill");
  assert.equal(await why(() => html(500)), "ill");
});

test("a busy server is waited for as long as it asks, whoever says it", async () => {
  const body = { error: { code: "busy", message: "忙", details: { retry_after: 20 } } };

  assert.equal(await why(() => html(503, { "Retry-After": "40" })), "busy 40");
  assert.equal(await why(() => html(429)), "busy 0");
  assert.equal(await why(() => Promise.resolve(Response.json(body, { status: 503 }))), "busy 20");
});

test("a refusal keeps its own sentence", async () => {
  const body = { error: { code: "code_unknown", message: "登记码不对" } };

  assert.equal(
    await why(() => Promise.resolve(Response.json(body, { status: 404 }))),
    "code_unknown 0",
  );
});
