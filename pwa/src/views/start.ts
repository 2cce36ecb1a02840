// Beginning a piece of work: makes its flow, keeps it as a draft, and goes to its first page.
import { type Flow, isFlow, type Part } from "../forms/flow.ts";
import type { RecordType } from "../forms/programme.ts";
import { uuid7 } from "../model/clock.ts";
import type { FormValues } from "../model/edits.ts";
import type { Row } from "../model/pending.ts";
import type { Id } from "../model/wire.ts";
import { go, route } from "../route.ts";
import {
  device,
  drafts,
  freshPart,
  keepDraft,
  language,
  openPart,
  programme,
  register,
  text,
} from "../session.ts";
import type { Draft } from "../store/memory.ts";
import { householdOf, nameOf, ownGrids } from "../ui/words.ts";

export function flowOf(id: Id): Flow | null {
  const draft = drafts.value.find((each) => each.id === id);
  return draft && isFlow(draft.state) ? draft.state : null;
}

async function begin(
  flow: Omit<Flow, "id" | "section" | "trail" | "touched">,
  title: string,
  touched = false,
): Promise<void> {
  const id = uuid7();
  await keepDraft({ ...flow, id, section: 0, trail: [], touched }, title);
  go(`/flow/${id}`);
}

/** An unfinished flow of a kind that already touches a record; a second one would only divide work. */
function unfinished(kind: Flow["kind"], test: (flow: Flow) => boolean): Id | null {
  for (const draft of drafts.value) {
    if (draft.kind === kind && isFlow(draft.state) && test(draft.state)) return draft.id;
  }
  return null;
}

/** Where one is: whoever works through the due list comes back to it. */
function here(): string {
  return `/${route.value.join("/") || "today"}`;
}

/** Whether a draft names this record, or one that turned out to be it. */
function isSame(named: unknown, id: Id): boolean {
  return typeof named === "string" && register.value.resolve(named) === register.value.resolve(id);
}

export async function startVisit(child: Id, more: FormValues = {}): Promise<void> {
  const row = register.value.get(child);
  if (!row) return;
  const open = unfinished("visit", (flow) => isSame(flow.parts[0]?.now.child_id, child));
  if (open && Object.keys(more).length === 0) {
    go(`/flow/${open}`);
    return;
  }
  const household = String(row.fields.household_id ?? "");
  const part = freshPart("visit", { household_id: household, child_id: child, ...more });
  await begin(
    { kind: "visit", household, parts: [part], at: part.id, from: here() },
    text.value.visit_to(nameOf(row)),
  );
}

/** A survey of a known household, or of a new one in a grid. */
export async function startSurvey(household: Row | null, grid = ""): Promise<void> {
  if (household) {
    const open = unfinished("survey", (flow) => isSame(flow.household, household.id));
    if (open) {
      go(`/flow/${open}`);
      return;
    }
  }
  const parts: Part[] = [];
  const home = household
    ? openPart(household)
    : freshPart("household", grid ? { grid_code: grid } : {});
  parts.push(home);
  if (household) {
    for (const type of ["person", "child"]) {
      for (const row of register.value.by(type, "household_id", household.id)) {
        parts.push(openPart(row));
      }
    }
  }
  parts.push(freshPart("survey", { household_id: home.id }));
  await begin(
    {
      kind: "survey",
      household: home.id,
      parts,
      at: null,
      from: household ? `/household/${household.id}` : "/households",
    },
    household ? text.value.survey_of(nameOf(household)) : text.value.survey_new,
  );
}

/** A household of its own for some of a household's people; they go there when it is saved. */
export async function startSplit(old: Row, moving: readonly Row[]): Promise<void> {
  const { grid_code: grid, address } = old.fields;
  const fresh = freshPart("household", {
    grid_code: String(grid ?? ""),
    address: String(address ?? ""),
    head_name: nameOf(moving.find((row) => row.type === "person")),
  });
  const home = { ...fresh, apart: [old.id] };
  const parts = moving.map((row) => {
    const part = openPart(row);
    return { ...part, now: { ...part.now, household_id: home.id } };
  });
  const survey = freshPart("survey", { household_id: home.id });
  await begin(
    {
      kind: "survey",
      household: home.id,
      parts: [home, ...parts, survey],
      at: null,
      from: `/household/${old.id}`,
    },
    text.value.split_of(nameOf(old)),
    true,
  );
}

/** One record by itself: a new one with what is known already, or one to be edited. */
export async function startRecord(part: Part, title: string, from: string): Promise<void> {
  if (!part.is_new) {
    const open = unfinished("record", (flow) => isSame(flow.parts[0]?.id, part.id));
    if (open) {
      go(`/flow/${open}`);
      return;
    }
  }
  await begin({ kind: "record", household: null, parts: [part], at: part.id, from }, title);
}

export async function startEdit(row: Row, from: string): Promise<void> {
  await startRecord(openPart(row), text.value.edit_of(nameOf(row)), from);
}

/** A correction is a new event that names the old one; it starts from the old one's answers. */
export async function startCorrection(event: Row, from: string): Promise<void> {
  const copy = openPart(event);
  const part = freshPart(event.type, { ...copy.now, corrects_id: event.id });
  await startRecord(part, text.value.correction, from);
}

/** What an event of the programme is about: a child, another event, or the village at large. */
function subjectOf(type: RecordType): string {
  const child = type.fields.find(({ name, ref }) => name === "child_id" || ref === "child");
  if (child) return "child";
  const own = ["corrects_id", "joint_with", "followup_task_id"];
  const event = type.fields.find(
    ({ name, ref, required }) =>
      ref && required && !own.includes(name) && programme.value?.types[ref]?.kind === "event",
  );
  return event?.ref ?? "village";
}

/** Events one may record beside visit and survey: the programme says which (roles.md). */
export function eventsAbout(subject: string): RecordType[] {
  return Object.values(programme.value?.types ?? {}).filter(
    (type) =>
      type.kind === "event" &&
      !["visit", "survey"].includes(type.name) &&
      mayWrite(type.name) &&
      !type.own &&
      subjectOf(type) === subject,
  );
}

/** Whether this person may make such a record. */
export function mayWrite(type: string): boolean {
  const role = device.value?.account.role ?? "";
  return programme.value?.types[type]?.writers?.includes(role) ?? false;
}

/** Whether there is anything this person may change in such a record. */
export function mayEdit(type: string): boolean {
  return maySurvey() || (programme.value?.types[type]?.volunteer_edits ?? []).length > 0;
}

/** The village's own forms one may fill in about a child, a household or a grid. */
export function ownForms(subject: "child" | "household" | "village", about?: Row): RecordType[] {
  const role = device.value?.account.role ?? "";
  const home = about?.type === "household" ? about : householdOf(about);
  const grid = String(home?.fields.grid_code ?? "");
  const grids = about ? [grid] : ownGrids();
  return Object.values(programme.value?.types ?? {}).filter(
    ({ own, writers }) =>
      own?.subject === subject &&
      !own.retired &&
      writers?.includes(role) &&
      (own.grids.length === 0 || own.grids.some((each) => grids.includes(each))),
  );
}

export async function startEvent(type: RecordType, about: Row | null, from: string): Promise<void> {
  const [grid, ...more] = ownGrids();
  const known: FormValues = {};
  if (about) {
    const { household_id: household, child_id: child } = about.fields;
    if (household) known.household_id = String(household);
    if (child) known.child_id = String(child);
    known[`${about.type}_id`] = about.id;
    // Sign-ins name the child as a person.
    if (about.type === "child") known.person_id = about.id;
  } else if (grid && more.length === 0) known.grid_code = grid;
  for (const name of Object.keys(known)) {
    if (!type.fields.some((each) => each.name === name)) delete known[name];
  }
  await startRecord(freshPart(type.name, known), type.label[language.value], from);
}

/** Whether this person may survey and edit; volunteers log visits. */
export function maySurvey(): boolean {
  return device.value?.account.role !== "volunteer";
}

/** Forms that were opened and killed before anything was answered are no unfinished work. */
export function untouched(drafts: Draft[]): Draft[] {
  return drafts.filter((draft) => isFlow(draft.state) && !draft.state.touched);
}
