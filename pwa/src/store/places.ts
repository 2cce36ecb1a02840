// Where a sealed value lies. The seal is bound to it: a value moved to another place does not open.
import type { Id } from "../model/wire.ts";

export const opPlace = (op: { generation: number; seq: number }) =>
  `ops|${op.generation}|${op.seq}`;
export const blockPlace = (block: { bucket: string; n: number }) =>
  `blocks|${block.bucket}|${block.n}`;
export const rowPlace = (bucket: string, id: Id) => `rows|${bucket}|${id}`;
export const draftPlace = (draft: { id: string }) => `drafts|${draft.id}`;
export const filePlace = (name: string) => `files|${name}`;
export const metaPlace = (id: string) => `meta|${id}`;
