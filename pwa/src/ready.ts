// What is made ready while nobody waits for it, so that the first letter of a search finds all names put into
// letters already: in an open phone, and again for what a sync has brought.
import { effect } from "@preact/signals";
import { whenIdle } from "./pace.ts";
import { entryOf, NAMED } from "./search/entries.ts";
import { search } from "./search/search.ts";
import { knowsReadings } from "./search/sounds.ts";
import { index, phase, recordsOf } from "./session.ts";

/** One of each way to search: what has run once is compiled. */
const TRIED = ["一", "a", "ab", "abc", "1", "123"];

let turn = 0;

export function keepReady(): void {
  effect(() => {
    turn += 1;
    if (phase.value !== "open") return;
    knowsReadings();
    const own = turn;
    const isWanted = () => own === turn;
    const rows = NAMED.flatMap(recordsOf);
    void whenIdle(rows, entryOf, isWanted).then(() =>
      whenIdle(TRIED, (letters) => search(index.value, letters), isWanted),
    );
  });
}
