// All households of the own grids: filtered by grid or "not yet visited", or found by a few letters.
import { effect, signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Row } from "../model/pending.ts";
import { search } from "../search/search.ts";
import { index, phase, recordsOf, text } from "../session.ts";
import { Icon } from "../ui/icon.tsx";
import { Bar, Below, Button, Empty } from "../ui/parts.tsx";
import { gridName, ownGrids } from "../ui/words.ts";
import { workedOut } from "../worked-out.ts";
import { RecordRow } from "./record-row.tsx";
import { maySurvey, startSurvey } from "./start.ts";
import { notSurveyed } from "./today.tsx";

const PAGE = 40;
const ROW_PX = 97;
/** What lies above and below the rows. */
const AROUND_PX = 290;
const wanted = signal("");
const grid = signal("");
const onlyNew = signal(false);
/** So many rows are drawn; 0: as many as there is room for. */
const shownRows = signal(0);

// What was sought names people; a locked phone forgets it.
effect(() => {
  if (phase.value !== "open") wanted.value = "";
});

const numberOf = ({ fields }: Row) => String(fields.household_no ?? `${fields.grid_code}999`);

const households = workedOut(() =>
  recordsOf("household")
    .map((row): [string, Row] => [numberOf(row), row])
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, row]) => row),
);

/** The own grids: those this phone may hold, and any that a household on it names. */
const grids = workedOut(() => {
  const counts = new Map<string, number>();
  for (const code of ownGrids()) counts.set(code, 0);
  for (const row of households.value) {
    const code = String(row.fields.grid_code ?? "");
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a.localeCompare(b));
});

const listed = workedOut(() => {
  const fresh = new Set(onlyNew.value ? notSurveyed.value.map((row) => row.id) : []);
  return households.value.filter(
    (row) =>
      (!grid.value || row.fields.grid_code === grid.value) && (!onlyNew.value || fresh.has(row.id)),
  );
});

function rowsOnGlass(): number {
  const height = (visualViewport?.height ?? innerHeight) - AROUND_PX;
  return Math.max(3, Math.ceil(height / ROW_PX));
}

/** As many rows as the glass has room for above the keys: each letter typed draws them anew. */
const onGlass = signal(rowsOnGlass());

(visualViewport ?? window).addEventListener("resize", () => {
  onGlass.value = rowsOnGlass();
});

const found = workedOut(() => search(index.value, wanted.value));

export function Households() {
  const t = text.value;
  const isSearching = wanted.value.trim() !== "";
  const all = isSearching ? found.value : listed.value;
  const list = all.slice(0, shownRows.value || onGlass.value);
  // What is found is written over what was there, and what is left over waits unseen: both are quicker than
  // making rows anew.
  const places = useRef<Row[]>([]);
  places.current = [...list, ...places.current.slice(list.length, onGlass.value)];
  return (
    <>
      <Bar title={t.households} sub={t.households_count(households.value.length)} onBack={null} />
      <main>
        <SearchBox
          value={wanted.value}
          onInput={(text) => {
            wanted.value = text;
            shownRows.value = 0;
          }}
        />
        {!isSearching && (
          <div class="filters" role="group" aria-label={t.filter}>
            {grids.value.length > 1 && (
              <>
                <Chip isOn={grid.value === ""} onClick={() => pick("")}>
                  {t.all_grids}
                </Chip>
                {grids.value.map(([code, count]) => (
                  <Chip key={code} isOn={grid.value === code} onClick={() => pick(code)}>
                    {`${gridName(code)} ${count}`}
                  </Chip>
                ))}
              </>
            )}
            {maySurvey() && (
              <Chip
                isOn={onlyNew.value}
                onClick={() => {
                  onlyNew.value = !onlyNew.value;
                  shownRows.value = 0;
                }}
              >
                {t.only_not_surveyed(notSurveyed.value.length)}
              </Chip>
            )}
          </div>
        )}
        <p class="soft" role="status">
          {isSearching ? t.found(all.length) : t.households_count(all.length)}
        </p>
        {all.length === 0 && <Empty>{isSearching ? t.nothing_found : t.no_households}</Empty>}
        <ul class="list">
          {places.current.map((row, at) => (
            <li key={at} hidden={at >= list.length}>
              <RecordRow row={row} />
            </li>
          ))}
        </ul>
        {all.length > list.length &&
          (list.length < PAGE ? (
            <Below
              key={list.length}
              height={(Math.min(all.length, PAGE) - list.length) * ROW_PX}
              onNear={() => {
                shownRows.value = Math.min(list.length + onGlass.value, PAGE);
              }}
            />
          ) : (
            <Button
              onClick={() => {
                shownRows.value = list.length + PAGE;
              }}
            >
              {t.show_more(all.length - list.length)}
            </Button>
          ))}
        {maySurvey() && (
          <Button
            icon="add"
            kind="primary"
            onClick={() =>
              startSurvey(null, grid.value || (grids.value.length === 1 ? grids.value[0]?.[0] : ""))
            }
          >
            {t.new_household}
          </Button>
        )}
      </main>
    </>
  );
}

function pick(code: string): void {
  grid.value = code;
  shownRows.value = 0;
}

export function SearchBox(props: { value: string; onInput: (text: string) => void }) {
  const t = text.value;
  return (
    <div class="search">
      <label class="ask" for="search">
        {t.search}
      </label>
      <div class="search-box">
        <Icon name="search" />
        <input
          id="search"
          class="input"
          type="search"
          inputMode="text"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          placeholder={t.search_hint}
          value={props.value}
          // While an input method composes, the half-typed letters are not what is sought.
          onInput={(event) => {
            if (!event.isComposing) props.onInput(event.currentTarget.value);
          }}
          onCompositionEnd={(event) => props.onInput(event.currentTarget.value)}
        />
      </div>
    </div>
  );
}

export function Chip(props: { isOn: boolean; onClick: () => void; children: string }) {
  return (
    <button type="button" class="chip" aria-pressed={props.isOn} onClick={props.onClick}>
      {props.isOn && <Icon name="check" />}
      <span>{props.children}</span>
    </button>
  );
}
