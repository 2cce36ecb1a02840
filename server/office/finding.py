"""Finding by keyboard whom a paper sheet is about: by name, pinyin or its initials, or number. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.office.listing import finds
from server.office.register import Register, text_of
from server.office.sheet_form import child_field, is_about_household
from server.programme import RecordType
from server.registry import Row

MOST_FOUND = 8


@dataclass(frozen=True)
class Subject:
    """A child or household one may mean. `household` is the household's id; `words` tell it from others."""

    id: str
    name: str
    words: str
    household: str
    names: tuple[str, ...]
    pinyins: tuple[str, ...]
    numbers: tuple[str, ...]


def subjects_of(kind: RecordType, register: Register) -> list[Subject]:
    """Everybody a sheet of this form can be about; nobody for a form about no child and no household."""
    if is_about_household(kind):
        return [_household(row, register) for row in register.kind("household")]
    if child_field(kind) is not None:
        return [_child(row, register) for row in register.kind("child")]
    return []


def find(subjects: Sequence[Subject], q: str) -> list[Subject]:
    """Those the words may mean, those whose whole name or number it is first."""
    wanted = "".join(q.lower().split())
    if not wanted:
        return []
    found = [it for it in subjects if finds(wanted, it.names, it.pinyins, it.numbers)]
    exact = [it for it in found if wanted in (*it.names, *it.numbers)]
    return (exact or sorted(found, key=lambda it: it.pinyins[:1]))[:MOST_FOUND]


def _child(row: Row, register: Register) -> Subject:
    home = register.household_of(row)
    grid = register.grid_names.get(register.grid_of(row), "")
    name, number = register.name_of(row), text_of(row.fields, "file_no")
    head = text_of(home.fields, "head_name") if home else ""
    born = text_of(row.fields, "birth_date")
    return Subject(
        id=row.id,
        name=name,
        words=" · ".join(filter(None, [name, number, head, grid, born])),
        household=home.id if home else "",
        names=tuple(filter(None, [name, text_of(row.fields, "former_name")])),
        pinyins=(text_of(row.fields, "name_pinyin"),),
        numbers=tuple(filter(None, [number])),
    )


def _household(row: Row, register: Register) -> Subject:
    grid = register.grid_names.get(register.grid_of(row), "")
    name, number = register.name_of(row), text_of(row.fields, "household_no")
    children = register.pointing("child", "household_id", row.id)
    people = [row, *children]
    told = "、".join(register.name_of(it) for it in children)
    return Subject(
        id=row.id,
        name=name,
        words=" · ".join(filter(None, [name, number, grid, told])),
        household=row.id,
        names=tuple(filter(None, (register.name_of(it) for it in people))),
        pinyins=tuple(text_of(it.fields, "name_pinyin") for it in people),
        numbers=tuple(filter(None, [number])),
    )
