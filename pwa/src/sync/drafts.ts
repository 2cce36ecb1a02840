// Drafts begun before this phone was enrolled anew, because its PIN was forgotten. They lie here in boxes that only
// the village opens; it gives them back to a phone of the same person, and keeps none.
import { adopted, isFlow } from "../forms/flow.ts";
import { base64Of } from "../store/box.ts";
import type { DraftBox } from "../store/database.ts";
import type { Draft } from "../store/memory.ts";
import type { Store } from "../store/store.ts";
import { postDrafts, type Wire } from "./call.ts";

/** Well under the server's 1 MB. */
const MAX_BYTES = 500_000;

/** How many came back. Throws NoAnswer, Refused; what did not come back stays in its box. */
export async function regain(store: Store, wire: Wire): Promise<number> {
  const device = store.memory?.device;
  if (!device) return 0;
  let size = 0;
  const asked = (await store.orphanDrafts()).filter(({ box }) => {
    size += box.length;
    return size <= MAX_BYTES;
  });
  if (asked.length === 0) return 0;
  const answers = await postDrafts(wire, device.token, {
    magic: "zoufang-drafts",
    protocol: 1,
    village: device.village.code,
    boxes: asked.map(({ box }) => base64Of(box)),
  });
  const back: { draft: Draft; box: DraftBox }[] = [];
  for (const [at, box] of asked.entries()) {
    const draft = answers[at] as Draft | null | undefined;
    if (draft?.id !== box.id || !isFlow(draft.state)) continue;
    back.push({ draft: { ...draft, state: adopted(draft.state) }, box });
  }
  await store.update(() => ({
    drafts: back.map(({ draft }) => draft),
    dropDraftBoxes: back.map(({ box }) => box),
  }));
  return back.length;
}
