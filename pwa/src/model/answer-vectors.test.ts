import assert from "node:assert/strict";
import { test } from "node:test";
import vectors from "../../../tests/vectors/answers.json" with { type: "json" };
import { answer, asked, known, op, page } from "./fake-answer.ts";
import type { Op } from "./pending.ts";
import { applyAnswer } from "./reply.ts";
import type { SyncAnswer } from "./wire.ts";

interface Told {
  seq: number;
  generation?: number;
  rev?: number;
  was?: number[];
  landed?: true;
  verdicts?: string[];
}

interface Case {
  name: string;
  given: { generation: number; epoch: string; ops: Told[] };
  sent: { first: number; count: number; generation?: number };
  answer: Partial<SyncAnswer>;
  then: Told[];
}

const nameOf = (each: Op) => each.changes[0]?.record;

for (const { name, given, sent, answer: said, then } of vectors.cases as unknown as Case[]) {
  test(name, () => {
    const held = given.ops.map((told, at) => op(told.seq, at + 1, told as Omit<Told, "verdicts">));
    const { first, count, ...more } = sent;

    const outcome = applyAnswer(
      { ...known({ village: [] }, held), generation: given.generation, epoch: given.epoch },
      asked(first, count, { epoch: given.epoch, ...more }),
      answer({ village: page() }, { epoch: given.epoch, ...said }),
      0,
    );

    const changed = new Map(outcome.ops.map((each) => [nameOf(each), each]));
    const now = held.map((each) => changed.get(nameOf(each)) ?? each);
    assert.deepEqual(
      now.map(({ seq, generation, rev, was = [] }) => ({ seq, generation, rev, was })),
      then.map(({ seq, generation = 1, rev, was = [] }) => ({ seq, generation, rev, was })),
    );
    for (const [at, told] of then.entries()) {
      if (!told.verdicts) continue;
      assert.deepEqual(
        now[at]?.verdicts?.map((verdict) => verdict.verdict),
        told.verdicts,
      );
    }
  });
}
