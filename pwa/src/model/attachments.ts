// Names of attachments (PROTOCOL §3.9): the answer to a question for a picture or a recording.
import type { Change, Op, Row } from "./pending.ts";

const NAME = /\b[0-9a-f]{64}\.(?:jpg|webp|webm|m4a|ogg)\b/g;

/** Every attachment named anywhere in a value. */
export function namesIn(value: unknown): string[] {
  return JSON.stringify(value)?.match(NAME) ?? [];
}

/** The same answers without attachments that `kept` does not name: their bytes are nowhere any more. */
export function withoutNew<T>(answers: T, kept: unknown): T {
  const known = new Set(namesIn(kept));
  const text = JSON.stringify(answers).replace(NAME, (name) => (known.has(name) ? name : ""));
  return JSON.parse(text) as T;
}

/** What names an attachment: the op as it was saved here, or the record the village has of it when that is forgotten. */
export function namedBy(
  name: string,
  ops: readonly Op[],
  rows: Iterable<Row>,
): Pick<Change, "record" | "type" | "set">[] {
  const op = ops.find(({ changes }) => namesIn(changes).includes(name));
  if (op) return op.changes;
  for (const { id, type, fields } of rows) {
    if (namesIn(fields).includes(name)) return [{ record: id, type, set: {} }];
  }
  return [];
}
