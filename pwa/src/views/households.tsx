// All households of the own grids: filtered by grid or "not yet visited", or found by a few letters.
import { computed, effect, signal } from "@preact/signals";
import type { Row } from "../model/pending.ts";
import { search } from "../search/search.ts";
import { entries, phase, recordsOf, register, text } from "../session.ts";
import { Icon } from "../ui/icon.tsx";
import { Bar, Button, Empty, Tag } from "../ui/parts.tsx";
import { ageWords, gridName, householdOf, nameOf, ownGrids, placeOf, said } from "../ui/words.ts";
import { maySurvey, startSurvey } from "./start.ts";
import { notSurveyed } from "./today.tsx";

const PAGE = 40;
/** More rows than a screen has room for; each letter typed draws them anew. */
const HITS = 12;
const wanted = signal("");
const shownHits = signal(HITS);
const grid = signal("");
const onlyNew = signal(false);
const shownRows = signal(PAGE);

// What was sought names people; a locked phone forgets it.
effect(() => {
  if (phase.value !== "open") wanted.value = "";
});

const numberOf = ({ fields }: Row) => String(fields.household_no ?? `${fields.grid_code}999`);

const households = computed(() =>
  recordsOf("household")
    .map((row): [string, Row] => [numberOf(row), row])
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, row]) => row),
);

/** The own grids: those this phone may hold, and any that a household on it names. */
const grids = computed(() => {
  const counts = new Map<string, number>();
  for (const code of ownGrids()) counts.set(code, 0);
  for (const row of households.value) {
    const code = String(row.fields.grid_code ?? "");
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a.localeCompare(b));
});

const listed = computed(() => {
  const fresh = new Set(onlyNew.value ? notSurveyed.value.map((row) => row.id) : []);
  return households.value.filter(
    (row) =>
      (!grid.value || row.fields.grid_code === grid.value) && (!onlyNew.value || fresh.has(row.id)),
  );
});

const found = computed(() => search(entries.value, wanted.value));

export function Households() {
  const t = text.value;
  const isSearching = wanted.value.trim() !== "";
  const all = isSearching ? found.value : listed.value;
  const shown = isSearching ? shownHits : shownRows;
  const list = all.slice(0, shown.value);
  return (
    <>
      <Bar title={t.households} sub={t.households_count(households.value.length)} onBack={null} />
      <main>
        <SearchBox
          value={wanted.value}
          onInput={(text) => {
            wanted.value = text;
            shownHits.value = HITS;
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
                  shownRows.value = PAGE;
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
          {list.map((row, at) => {
            // What is found is written over what was found before, which is quicker than taking it away.
            const key = isSearching ? at : row.id;
            return row.type === "household" ? (
              <HouseholdRow key={key} row={row} />
            ) : (
              <PersonRow key={key} row={row} />
            );
          })}
        </ul>
        {all.length > list.length && (
          <Button
            onClick={() => {
              shown.value += PAGE;
            }}
          >
            {t.show_more(all.length - list.length)}
          </Button>
        )}
        {maySurvey() && (
          <Button
            icon="add"
            kind="primary"
            onClick={() =>
              void startSurvey(
                null,
                grid.value || (grids.value.length === 1 ? grids.value[0]?.[0] : ""),
              )
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
  shownRows.value = PAGE;
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

export function HouseholdRow({ row }: { row: Row }) {
  const t = text.value;
  const children = register.value.by("child", "household_id", row.id);
  const surveys = register.value.by("survey", "household_id", row.id);
  const latest = [...surveys].sort((a, b) =>
    String(b.fields.occurred_on).localeCompare(String(a.fields.occurred_on)),
  )[0];
  return (
    <li>
      <a class="row" href={`#/household/${row.id}`}>
        <span class="row-main">
          <strong>{t.family_of(nameOf(row))}</strong>
          <small>{placeOf(row)}</small>
          <small class="soft">
            {children.length > 0
              ? `${t.children_count(children.length)}：${children.map(nameOf).join(t.and)}`
              : t.no_child}
          </small>
        </span>
        <span class="row-tags">
          {latest && (
            <Tag kind={latest.fields.result === "V" ? "good" : "due"}>{said(latest, "result")}</Tag>
          )}
          {!latest && maySurvey() && <Tag kind="due">{t.not_surveyed}</Tag>}
          {row.pending && <Tag kind="look">{t.unsent}</Tag>}
        </span>
        <Icon name="more" />
      </a>
    </li>
  );
}

export function PersonRow({ row, atHome = false }: { row: Row; atHome?: boolean }) {
  const t = text.value;
  const household = householdOf(row);
  const path = row.type === "child" ? "child" : "person";
  return (
    <li>
      <a class="row" href={`#/${path}/${row.id}`}>
        <span class="row-main">
          <strong>{nameOf(row)}</strong>
          <small>
            {[said(row, "sex"), ageWords(row), !atHome && placeOf(household)]
              .filter(Boolean)
              .join(" · ")}
          </small>
          {household && !atHome && <small class="soft">{t.family_of(nameOf(household))}</small>}
        </span>
        <span class="row-tags">
          <Tag>{row.type === "child" ? t.child : t.adult}</Tag>
          {row.contested && <Tag kind="look">{t.contested}</Tag>}
          {row.pending && <Tag kind="look">{t.unsent}</Tag>}
        </span>
        <Icon name="more" />
      </a>
    </li>
  );
}
