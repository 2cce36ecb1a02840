import assert from "node:assert/strict";
import { test } from "node:test";
import "../fake-browser.ts";
import { type Flow, newPart } from "../forms/flow.ts";
import { DEVICE } from "../sync/fake-phone.ts";

const { drafts, failure, phase, store, touch } = await import("../session.ts");
const { answer, finish, keep, leave, open, work } = await import("./work.ts");

const PROGRAMME = {
  version: "p1",
  types: {
    visit: {
      name: "visit",
      kind: "event",
      label: { zh: "走访", en: "Visit" },
      fields: [{ name: "note", type: "text", label: { zh: "说明", en: "Note" } }],
    },
  },
  lists: {},
  rules: {},
  forms: {},
};

const flow = (id: string): Flow => ({
  id,
  kind: "visit",
  from: "/today",
  household: null,
  at: `${id}-visit`,
  section: 0,
  trail: [],
  touched: true,
  parts: [newPart(`${id}-visit`, "visit", { note: "" })],
});

async function begin(id: string): Promise<void> {
  await store.update(() => ({
    drafts: [{ id, kind: "visit", title: "走访", at: 1, state: flow(id) }],
  }));
  touch();
  open(id);
}

function write(note: string): void {
  const part = work.value?.parts[0];
  assert.ok(part);
  answer(part, "note", note);
}

await store.create("246813", DEVICE, 1);
await store.update(() => ({ programme: { programme: PROGRAMME as never, etag: "" } }));
phase.value = "open";
touch();

test("what is typed while a form is being saved brings no draft of it back", async () => {
  await begin("a");
  write("一");
  const saving = finish("已存", () => undefined);
  await new Promise((go) => setImmediate(go));
  write("一二");
  await keep();
  await saving;
  await keep();

  assert.equal(store.memory?.ops.length, 1);
  assert.deepEqual(
    drafts.value.map(({ id }) => id),
    [],
  );
});

test("what was answered last is in the draft when the save cannot be kept", async () => {
  await begin("b");
  await keep();
  write("三");
  const save = store.save;
  store.save = () => Promise.reject(new DOMException("", "QuotaExceededError"));
  await assert.rejects(finish("已存", () => undefined));
  store.save = save;
  await keep();

  assert.notEqual(failure.value, "");
  const draft = store.memory?.drafts.get("b")?.state as Flow;
  assert.equal(draft.parts[0]?.now.note, "三");
});

test("what was answered last is in the draft also of a form that was left before its save failed", async () => {
  await begin("c");
  await keep();
  write("四");
  const save = store.save;
  store.save = async () => {
    await leave();
    throw new DOMException("", "QuotaExceededError");
  };
  await assert.rejects(finish("已存", () => undefined));
  store.save = save;

  const draft = store.memory?.drafts.get("c")?.state as Flow;
  assert.equal(draft.parts[0]?.now.note, "四");
});

test("what is typed into a form stays when the one before it is written only then", async () => {
  await begin("d");
  write("五");
  await begin("e");
  open("d");
  write("六");
  const left = leave();
  open("e");
  write("七");
  await left;

  assert.equal(work.value?.parts[0]?.now.note, "七");
});
