// Choosing one record among many: those most likely first, any other by a few letters.
import { useState } from "preact/hooks";
import type { Row } from "../model/pending.ts";
import { search } from "../search/search.ts";
import { index, text } from "../session.ts";
import { Icon } from "../ui/icon.tsx";
import { ageWords, householdOf, nameOf, placeOf } from "../ui/words.ts";
import { SearchBox } from "./households.tsx";

const SHOWN = 20;

export function Finder(props: {
  type: "child" | "household";
  /** Offered before anything is typed. */
  near: readonly Row[];
  /** The one to be left, which is never offered. */
  not: string;
  onPick: (row: Row) => void;
}) {
  const { type, near, not, onPick } = props;
  const t = text.value;
  const [wanted, setWanted] = useState("");
  const found = wanted.trim() === "" ? near : search(index.value, wanted, SHOWN + 1, type);
  const rows = found.filter((row) => row.type === type && row.id !== not).slice(0, SHOWN);
  return (
    <>
      <SearchBox value={wanted} onInput={setWanted} />
      <p class="soft" role="status">
        {wanted.trim() !== "" && t.found(rows.length)}
      </p>
      <ul class="list">
        {rows.map((row) => (
          <li key={row.id}>
            <button type="button" class="row" onClick={() => onPick(row)}>
              <span class="row-main">
                <strong>{type === "household" ? t.family_of(nameOf(row)) : nameOf(row)}</strong>
                <small>
                  {type === "household"
                    ? placeOf(row)
                    : [ageWords(row), placeOf(householdOf(row))].filter(Boolean).join(" · ")}
                </small>
              </span>
              <Icon name="more" />
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
