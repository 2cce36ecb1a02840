import assert from "node:assert/strict";
import { test } from "node:test";
import vectors from "../../../tests/vectors/overlay.json" with { type: "json" };
import { basisOf, type Change, changesFor, isOnOverlay, namer, type Op } from "./pending.ts";
import { Register, revsIn } from "./register.ts";
import { LIMBO } from "./reply.ts";
import type { EditValue, Id, WireRow } from "./wire.ts";

interface State {
  rows: Record<string, WireRow[]>;
  cursors: Record<string, number>;
  more?: string[];
  generation?: number;
  ops?: (Omit<Partial<Op>, "changes"> & {
    seq: number;
    changes: (Partial<Change> & Pick<Change, "record" | "base" | "set">)[];
  })[];
  limbo?: WireRow[];
}

interface Case {
  name: string;
  given: State;
  open: Id;
  shown: object | null;
  then?: State;
  edit?: Record<string, EditValue>;
  changes?: object[];
}

const kindOf = (id: Id) => id.slice(0, id.lastIndexOf("_"));

function opsOf(state: State): Op[] {
  return (state.ops ?? []).map((op) => ({
    ...{ generation: 1, at: 0, clock: 1, contact: 0, schema: "" },
    ...op,
    changes: op.changes.map((change) => ({ type: kindOf(change.record), prev: {}, ...change })),
  }));
}

function overlayOf(state: State): Op[] {
  const rows = [...Object.values(state.rows), state.limbo ?? []];
  const revsOf = revsIn((id) => rows.map((held) => held.find((row) => row[0] === id)));
  const buckets = Object.entries(state.cursors).map(([name, cursor]) =>
    state.more?.includes(name) ? { cursor, more: true as const } : { cursor },
  );
  return opsOf(state).filter((op) => isOnOverlay(op, revsOf, buckets));
}

function registerOf(state: State): Register {
  const buckets = Object.entries({ ...state.rows, [LIMBO]: state.limbo ?? [] });
  return new Register(
    new Map(buckets.map(([name, rows]) => [name, new Map(rows.map((row) => [row[0], row]))])),
    overlayOf(state),
  );
}

for (const {
  name,
  given,
  open,
  shown,
  then,
  edit,
  changes,
} of vectors.cases as unknown as Case[]) {
  test(name, () => {
    const held = registerOf(given);
    const row = held.get(open);

    if (shown === null) {
      assert.equal(row, undefined);
      return;
    }
    assert.ok(row);
    const { type, ...seen } = row;
    assert.deepEqual(seen, shown);
    assert.equal(type, kindOf(row.id));
    if (!edit) return;
    const { generation = 1 } = given;
    const basis = basisOf(row.id, row.rev, overlayOf(given), generation, held.stubsOf(row.id));
    const made = changesFor(row.id, type, edit, basis, namer(opsOf(then ?? given), generation, 0));
    assert.deepEqual(
      made.map(({ type: _type, prev, ...rest }) =>
        Object.keys(prev).length > 0 ? { ...rest, prev } : rest,
      ),
      changes,
    );
  });
}
