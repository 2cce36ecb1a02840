"""A page made from the kept register says what one made from a fresh reading says."""

from __future__ import annotations

import httpx2
import pytest

from server.office import dues, evening, lines, rollover
from server.office.lists.catalogue import KINDS
from server.office.lists.kinds import Desk
from server.office.pages import today
from server.office.register import ENTITIES, Register, events_about, load
from server.office.statistics.asking import asked, book_of
from server.office.statistics.book import Book
from server.office.statistics.indicators import COUNTED, marks_of, table_of
from server.office.statistics.matrix import Matrix, matrix
from server.programme import programme, programme_of
from server.programme.due import Due, due_list
from server.registry import Row
from tests.helpers import Village, change, op
from tests.server.office.browser import Browser
from tests.server.registry.wandering import Wandering

STEPS = 40
LISTS = ("coverage", "due", "missing", "stale")


async def read_anew(village: Village, *types: str) -> Register:
    rows = await village.registry.rows(village.code, *types)
    return Register.of(rows, programme_of(village.code).rules)


def held(register: Register) -> list[object]:
    """The rows, and how they are found."""
    children = register.kind("child")
    return [
        list(register.rows.items()),
        len(register.rows),
        [(name, register.kind(name)) for name in programme().types],
        [register.events_of_child(child) for child in children],
        [register.pointing("visit", "child_id", child.id) for child in children],
        [register.pointing("pairing", "child_id", child.id) for child in children],
    ]


def said(register: Register) -> list[object]:
    """All that the first page and the lists say."""
    on = today()
    children = register.kind("child")
    return [
        *held(register),
        register.corrected,
        register.grid_names,
        lines.child_lines(register, on, "zh"),
        lines.household_lines(register, on, "zh"),
        lines.figures(register, on),
        [dues.dues_of(register, on, [child]) for child in children],
        evening.charts(register, on, "zh"),
        evening.uncovered(register, on),
        rollover.turning_sixteen(register, on),
    ]


def of_one(register: Register, child: Row) -> object:
    """When a child is due, worked out from all visits."""
    owed = {it.subject.id: it for it in [*dues.dues_of(register, today()).values()]}
    return owed.get(child.id)


def figures_of(made: Matrix) -> dict[tuple[str, str], object]:
    return {(row.indicator, row.measure.name): (row.cells, row.total) for row in made.rows}


def at_once(book: Book) -> dict[tuple[str, str], object]:
    """The figures of all homes together, in one go."""
    found: dict[tuple[str, str], object] = {}
    for it in programme().indicators.values():
        if it.in_matrix:
            whole = table_of(it.name, "grid", book, marks_of(it.name, book))
            for measure in COUNTED[it.name].in_matrix:
                cells = [line.figures[measure.name] for line in whole.lines]
                found[it.name, measure.name] = (cells, whole.total.figures[measure.name])
    return found


def all_due(register: Register) -> list[tuple[str, ...]]:
    return sorted(_said(it) for it in dues.all_due(register, today()))


def due_at_once(register: Register) -> list[tuple[str, ...]]:
    """All that is due, worked out of all rows in one go."""
    held = {name: register.kind(name) for name in programme().types}
    found = due_list(held, register.rules, programme().calendar, today())
    return sorted(_said(it) for it in found)


def _said(it: Due[Row]) -> tuple[str, ...]:
    return it.due_on, it.rule, it.subject.id, it.state, it.last_on or ""


@pytest.mark.parametrize("seed", range(2))
async def test_after_anything_the_pages_say_what_a_fresh_reading_says(
    sqlite_village: Village, seed: int
) -> None:
    village, wandering = sqlite_village, Wandering(sqlite_village, seed)
    usual = (*ENTITIES, *events_about("household_id", village.code))
    every = [kind.name for kind in programme().types.values() if kind.kind in ("entity", "event")]
    wanted = asked({})
    for _ in range(STEPS):
        await wandering.step()
        assert said(await load(village.registry, village.code)) == said(
            await read_anew(village, *usual)
        )
        few = ("grid", "child", "visit")
        part = await load(village.registry, village.code, *few)
        assert held(part) == held(await read_anew(village, *few))
        assert part.pointing("pairing", "child_id", "") == ()
        book = await book_of(village.registry, village.code, wanted)
        fresh = Book(await read_anew(village, *every), wanted.since, wanted.on)
        assert matrix(book) == matrix(fresh)
        assert figures_of(matrix(book)) == at_once(fresh)
        assert all_due(book.register) == due_at_once(fresh.register)
        for name in LISTS:
            lines_of = [*KINDS[name].lines(Desk(book, "zh", {}))]
            assert lines_of == [*KINDS[name].lines(Desk(fresh, "zh", {}))]
        for child in fresh.register.kind("child"):
            assert dues.dues_of(book.register, wanted.on, [child]).get(child.id) == of_one(
                fresh.register, child
            )


async def test_while_nothing_changes_everybody_reads_the_same_register(
    sqlite_village: Village,
) -> None:
    village = sqlite_village
    first = await load(village.registry, village.code)
    assert await load(village.registry, village.code) is first

    home = await village.household()

    assert home in (await load(village.registry, village.code)).rows
    assert home not in first.rows


async def test_a_list_shows_at_once_what_a_phone_has_brought(
    office: Browser, sqlite_village: Village
) -> None:
    child = await sqlite_village.child(await sqlite_village.household(), name="谷小满")
    before: httpx2.Response = await office.get("/office/children")
    device = await sqlite_village.device()
    row = await sqlite_village.registry.row(sqlite_village.code, child)
    assert row is not None
    await sqlite_village.push(device, 1, op(change(child, "child", row.rev, name="石惊蛰")))

    after = await office.get("/office/children")

    assert "谷小满" in before.text
    assert "石惊蛰" in after.text
    assert "谷小满" not in after.text
