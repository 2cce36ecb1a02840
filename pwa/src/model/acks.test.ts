import assert from "node:assert/strict";
import { test } from "node:test";
import { stillOdd } from "./acks.ts";
import { answer, asked, id, known, op, page, row } from "./fake-answer.ts";
import type { Op } from "./pending.ts";
import { applyAnswer } from "./reply.ts";

test("acked ops get their rev and their verdicts, in the order of the request", () => {
  const held = { seq: 2, change: 0, key: "name", verdict: "held" } as const;

  const outcome = applyAnswer(
    known({ village: [] }, [op(1), op(2), op(3)]),
    asked(1, 3),
    answer({ village: page() }, { acked: 2, revs: [11, 12], verdicts: [held] }),
    50,
  );

  assert.deepEqual(
    outcome.ops.map((each) => [each.seq, each.rev, each.verdicts?.length]),
    [
      [1, 11, 0],
      [2, 12, 1],
    ],
  );
});

test("an odd answer is told with its op, until somebody here changes that field", () => {
  const odd = {
    seq: 1,
    change: 0,
    key: "name",
    code: "type",
    message: { zh: "核对", en: "check" },
  };
  const sent = applyAnswer(
    known({ village: [] }, [op(1), op(2)]),
    asked(1, 2),
    answer({ village: page() }, { acked: 2, revs: [11, 12], findings: [odd] }),
    50,
  );
  const [first, second] = sent.ops;
  assert.ok(first && second);
  const later = (name: string) =>
    ({
      ...op(3),
      changes: [{ ...first.changes[0], set: { [name]: "x" } }],
    }) as Op;

  assert.deepEqual(first.findings, [odd]);
  assert.equal(second.findings, undefined);
  assert.deepEqual(stillOdd(first, [first, later("other")]), [odd]);
  assert.deepEqual(stillOdd(first, [first, later("name")]), []);
  assert.deepEqual(stillOdd(first, [later("name"), first]), [odd]);
});

test("a replayed answer changes no op a second time", () => {
  const done = op(1, 1, { rev: 11, acked_at: 1, verdicts: [], landed: true });

  assert.deepEqual(
    applyAnswer(known({}, [done]), asked(1, 1), answer({}, { acked: 1, revs: [11] }), 50).ops,
    [],
  );
});

test("a server that knows less than it told is offered the work again", () => {
  const done = [1, 2].map((seq) => op(seq, 1, { rev: 10 + seq, acked_at: 1, verdicts: [] }));

  const outcome = applyAnswer(
    known({ village: [] }, done),
    asked(3),
    answer({ village: page() }, { acked: 1 }),
    50,
  );

  assert.deepEqual(
    outcome.ops.map((each) => [each.seq, each.rev]),
    [[2, undefined]],
  );
});

test("a fork renumbers the unsent work and touches no row", () => {
  const outcome = applyAnswer(
    known({ village: [row(1, 3)] }, [op(4, 1, { rev: 9 }), op(5), op(6)]),
    asked(5, 2),
    answer({ village: page() }, { generation: 2, acked: 4 }),
    0,
  );

  assert.equal(outcome.forked, true);
  assert.deepEqual(
    outcome.ops.map((each) => [each.seq, each.generation]),
    [
      [1, 2],
      [2, 2],
    ],
  );
  assert.deepEqual([outcome.puts, outcome.deletes], [[], []]);
});

test("what a fork's branches share is acked under its old number, and named so from behind it", () => {
  const change = { record: id(1), type: "child", base: 0, set: { name: "y" } };
  const behind = (seq: number, prev: number) =>
    op(seq, 1, { changes: [{ ...change, prev: { name: prev } }] });
  const held = { seq: 5, change: 0, key: "name", verdict: "held" } as const;

  const outcome = applyAnswer(
    known({ village: [] }, [op(5), behind(6, 5), behind(7, 6)]),
    asked(5, 3),
    answer({ village: page() }, { generation: 2, acked: 5, revs: [20], verdicts: [held] }),
    50,
  );

  assert.deepEqual(
    outcome.ops.map((each) => [each.generation, each.seq, each.rev, each.changes[0]?.prev]),
    [
      [1, 5, 20, {}],
      [2, 1, undefined, { name: [1, 5] }],
      [2, 2, undefined, { name: 1 }],
    ],
  );
  assert.deepEqual(outcome.acked[0]?.verdicts, [held]);
  assert.deepEqual(
    outcome.dropOps.map((each) => each.seq),
    [6, 7],
  );
});

test("a fork's ack is believed only for what the request carried", () => {
  const outcome = applyAnswer(
    known({ village: [] }, [op(1), op(2)]),
    asked(1, 1),
    answer({ village: page() }, { generation: 2, acked: 2, revs: [7, 8] }),
    0,
  );

  assert.deepEqual(
    outcome.ops.map((each) => [each.generation, each.seq, each.rev]),
    [
      [1, 1, 7],
      [2, 1, undefined],
    ],
  );
});

test("a fork of an older generation leaves what waits in a newer one under its numbers", () => {
  const outcome = applyAnswer(
    { ...known({ village: [] }, [op(1), op(1, 1, { generation: 2 })]), generation: 2 },
    asked(1, 1),
    answer({ village: page() }, { generation: 3, epoch: "e2" }),
    0,
  );

  assert.deepEqual(
    outcome.ops.map((each) => [each.generation, each.seq]),
    [[3, 1]],
  );
  // The restore is still to be seen, by the epoch of the next answer.
  assert.equal(outcome.epoch, "e");
});

test("an ack is believed only for what this request carried", () => {
  const outcome = applyAnswer(
    known({ village: [] }, [op(1), op(2)]),
    asked(1, 1),
    answer({ village: page() }, { acked: 2, revs: [7, 8] }),
    0,
  );

  assert.deepEqual(
    outcome.acked.map((each) => each.seq),
    [1],
  );
});

test("a restored server is offered all that no backup is known to hold, with the revs it had", () => {
  const done = [1, 2, 3].map((seq) =>
    op(seq, 1, { rev: 10 + seq, acked_at: 1, verdicts: [], landed: true }),
  );
  const before = known({ village: [row(1, 13)] }, [...done, op(4)]);

  const outcome = applyAnswer(
    before,
    asked(4, 1),
    answer({ village: page({ cursor: 1_000_000 }) }, { epoch: "e2", acked: 1 }),
    50,
  );

  assert.deepEqual(
    outcome.ops.map((each) => [each.seq, each.rev, each.was, each.landed]),
    [
      [1, undefined, [11], true],
      [2, undefined, [12], true],
      [3, undefined, [13], true],
    ],
  );
  assert.deepEqual([outcome.deletes, outcome.epoch], [[], "e2"]);
});

test("an op lost twice keeps every rev it had", () => {
  const twice = op(1, 1, { rev: 99, was: [11], acked_at: 1, verdicts: [] });

  const outcome = applyAnswer(
    known({}, [twice]),
    asked(2),
    answer({}, { epoch: "e3", acked: 0 }),
    0,
  );

  assert.deepEqual(outcome.ops[0]?.was, [11, 99]);
});

test("a server that lost more than the phone still has is told it in a new generation", () => {
  const outcome = applyAnswer(
    known({ village: [] }, [op(7, 1, { rev: 20, acked_at: 1, verdicts: [] }), op(8)]),
    asked(8, 1),
    answer({ village: page() }, { epoch: "e2", acked: 3 }),
    0,
  );

  assert.deepEqual(
    [outcome.generation, outcome.ops.map((each) => [each.generation, each.seq, each.was])],
    [
      2,
      [
        [2, 1, [20]],
        [2, 2, undefined],
      ],
    ],
  );
});

test("acked ops are forgotten only when a backup holds them and their month is over", () => {
  const month = 31 * 86_400_000;
  const done = (seq: number, at: number) =>
    op(seq, 1, { rev: 3, acked_at: at, verdicts: [], landed: true });
  const before = known({ village: [] }, [done(1, 0), done(2, month), done(3, 0)]);

  const all = answer({ village: page() }, { acked: 3, kept: 2 });
  const none = answer({ village: page() }, { acked: 3 });

  assert.deepEqual(
    applyAnswer(before, asked(4), all, month).dropOps.map((each) => each.seq),
    [1],
  );
  assert.deepEqual(applyAnswer(before, asked(4), none, month * 10).dropOps, []);
});

test("ops of an older generation go with a backup of the newer one that was made after them", () => {
  const month = 31 * 86_400_000;
  const done = (seq: number, generation: number, rev: number) =>
    op(seq, 1, { generation, rev, acked_at: 0, verdicts: [], landed: true });
  const before = known({ village: [] }, [done(1, 1, 3), done(2, 1, 8), done(1, 2, 5)]);

  const outcome = applyAnswer(
    { ...before, generation: 2 },
    asked(2, 0, { generation: 2 }),
    answer({ village: page() }, { generation: 2, acked: 1, kept: 1 }),
    month,
  );

  assert.deepEqual(
    outcome.dropOps.map((each) => [each.generation, each.seq]),
    [
      [1, 1],
      [2, 1],
    ],
  );
});
