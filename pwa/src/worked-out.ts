// What screens work out of what the phone holds. A computed signal keeps its last value also when nobody looks at it;
// a locked phone must hold nothing readable, so there each of these is worked out once more, of nothing.
import { computed, type ReadonlySignal } from "@preact/signals";

const all: ReadonlySignal<unknown>[] = [];

export function workedOut<T>(work: () => T): ReadonlySignal<T> {
  const made = computed(work);
  all.push(made);
  return made;
}

export function forgetWorkedOut(): void {
  for (const each of all) each.peek();
}
