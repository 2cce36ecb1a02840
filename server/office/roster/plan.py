"""Compares what a roster says with the register and plans what to write. Pure.

Ids of new records are drawn from the village, the file's hash, the preview's base and the place in
the file, so planning the same thing twice plans the same records: a second apply finds them there.
"""

from collections.abc import Iterable

from server.office.roster.entry import Entry, Note
from server.office.roster.families import household_keys, join_twins
from server.office.roster.grids import Grids, names_of_grids
from server.office.roster.house import House, seeded_id
from server.office.roster.known import Record, Register, text
from server.office.roster.preview import (
    Decision,
    Match,
    Options,
    PlannedChange,
    Preview,
    RowNote,
)
from server.office.roster.sheet import Workbook
from server.office.roster.understand import Understood
from server.programme import Programme

SURE = frozenset(["id", "name_birth", "name_phone", "name_household"])
"""Reasons on which a row is taken for somebody without asking."""


def plan(
    village: str,
    workbook: Workbook,
    understood: Understood,
    rows: Iterable[Record],
    base: int,
    options: Options,
    programme: Programme,
) -> Preview:
    """The preview of an import. Raises `RosterRefused` for a grid in `options` that is not there."""
    register = Register(rows)
    seed = f"{village}|{workbook.sha256}|{base}"
    preview = Preview(
        village, workbook.filename, workbook.kind, workbook.sha256, base, options,
        sheets=understood.sheets, row_count=len(understood.entries),
    )  # fmt: skip
    names = names_of_grids(grid.fields for grid in register.grids())
    grids = Grids(village, names, options)
    codes = _sort_out(understood.entries, grids)
    sound = [entry for entry in understood.entries if not entry.refused]
    keys = household_keys(sound, codes)
    kept, preview.twins = join_twins(sound, keys)
    _write_up_notes(preview, understood.entries)
    preview.grids = [
        PlannedChange(
            seeded_id(seed, f"grid {code}"), "grid", 0,
            {"present": True, "grid_code": code, "name": name},
        )
        for code, name in grids.added.items()
    ]  # fmt: skip
    planner = _Planner(register, seed, base, options, programme, preview)
    matched = [(entry, planner.match(entry, codes[entry.place])) for entry in kept]
    homes = _homes(register, matched, keys, codes)
    houses: dict[str, House] = {}
    for entry, match in matched:
        if match is not None and match.action == "leave":
            preview.matches.append(match)
            continue
        child = register.by_id[match.record] if match and match.action == "fill" else None
        home = homes[entry.place]
        name = home if isinstance(home, str) else home.id
        if name not in houses:
            known = None if isinstance(home, str) else home
            houses[name] = planner.house(known, entry, codes[entry.place])
        differs = houses[name].add(entry, child, match if child is not None else None)
        if match is not None:
            preview.matches.append(match)
        if child is None and differs:
            fields = {"fields": " ".join(f"{one.type}.{one.field}" for one in differs)}
            note = Note("row_differs", "", fields)
            preview.warnings.append(RowNote(entry.sheet, entry.row, entry.name, note))
    preview.households = [house.planned() for house in houses.values()]
    preview.households = [house for house in preview.households if house.changes]
    # A grid nobody in the end lives in is not made.
    used = {house.grid_code for house in preview.households if house.is_new}
    preview.grids = [grid for grid in preview.grids if grid.set["grid_code"] in used]
    return preview


def _sort_out(entries: list[Entry], grids: Grids) -> dict[str, str]:
    """Refuses rows without a grid or a household; the grid codes of the others by place."""
    codes: dict[str, str] = {}
    for entry in entries:
        if not entry.head_name() and not entry.household.get("household_no"):
            entry.refused.append(Note("no_household"))
        if entry.refused:
            # No new grid for the sake of a row that is refused anyway.
            continue
        code, problem = grids.of(entry)
        if problem is not None:
            entry.refused.append(problem)
        codes[entry.place] = code
    return codes


def _write_up_notes(preview: Preview, entries: list[Entry]) -> None:
    for entry in entries:
        notes = preview.refused if entry.refused else preview.warnings
        for note in entry.refused or entry.warnings:
            notes.append(RowNote(entry.sheet, entry.row, entry.name, note))


def _homes(
    register: Register,
    matched: list[tuple[Entry, Match | None]],
    keys: dict[str, tuple[str, ...]],
    codes: dict[str, str],
) -> dict[str, Record | str]:
    """Where each row lives: a household of the register, or the name of a new one.

    A recognised child stays where it lives. Its sisters and brothers in the sheet join it, unless
    the sheet's household was already told apart by number or by head.
    """
    homes: dict[str, Record | str] = {}
    by_key: dict[tuple[str, ...], Record] = {}
    for entry, match in matched:
        if match is not None and match.action == "fill":
            house = register.household(register.by_id[match.record])
            if house is not None:
                homes[entry.place] = house
                by_key.setdefault(keys[entry.place], house)
    for entry, _ in matched:
        if entry.place not in homes:
            key = keys[entry.place]
            named = register.household_of(entry, codes[entry.place]) or by_key.get(key)
            homes[entry.place] = named or "|".join(key)
    return homes


class _Planner:
    def __init__(
        self,
        register: Register,
        seed: str,
        base: int,
        options: Options,
        programme: Programme,
        preview: Preview,
    ) -> None:
        self._register, self._seed, self._base = register, seed, base
        self._options, self._programme = options, programme
        self._taken: set[str] = set()
        self._people: dict[str, str] = {}

    def match(self, entry: Entry, grid: str) -> Match | None:
        """Who a row looks like, with what will be done about it; `None` for one who looks like nobody."""
        found = self._register.like(entry, grid)
        if found is None:
            return None
        child, reason = found
        if child.id in self._taken and reason in SURE:
            reason = "several"
        action: Decision = "fill" if reason in SURE else self._options.alike
        action = self._options.decisions.get(entry.place, action)
        if action == "fill":
            self._taken.add(child.id)
        return Match(
            entry.sheet, entry.row, entry.name, child.id, text(child, "name"), reason, action
        )

    def house(self, known: Record | None, entry: Entry, grid: str) -> House:
        """An empty plan for one household."""
        return House(
            known,
            grid if known is None else text(known, "grid_code"),
            entry,
            self._register,
            f"{self._seed}|{entry.place}",
            self._base,
            self._options.overwrite,
            self._programme,
            self._people,
        )
