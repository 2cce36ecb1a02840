"""Which grid a row belongs to: the column's words, else the clerk's choice, else a hint.

Hints are a heading between rows, the sheet's name and its titles; they only count when they name
exactly one grid of the village. A column that names a grid the village lacks refuses its rows, or,
where the clerk said so, becomes a new grid with the next free number.
"""

import re
from collections.abc import Iterable, Mapping

from server.office.roster.cells import fold
from server.office.roster.entry import Entry, Note
from server.office.roster.errors import RosterRefused
from server.office.roster.preview import Options

_ENDS = re.compile(r"(村民小组|村民组|小组|网格|自然村|屋场|组)$")
_LOOKS_LIKE_GRID = re.compile(r"\S{1,8}(村民组|组|网格|屋场)")
_DIGITS = "零一二三四五六七八九"
_NUMBER = re.compile(
    rf"(?P<tens>[{_DIGITS}]?)(?P<ten>十)(?P<ones>[{_DIGITS}]?)|(?P<one>[{_DIGITS}])"
)


class Grids:
    """The grids of a village by code, with those an import would add."""

    def __init__(self, village: str, names: Mapping[str, str], options: Options) -> None:
        self._village = village
        self._names = dict(names)
        self._options = options
        self.added: dict[str, str] = {}
        for chosen in (options.grid, *options.grids.values()):
            if chosen and self.find(chosen) is None:
                raise RosterRefused("roster_unknown_grid", grid=chosen, known=self.known())

    def known(self) -> str:
        """The grids for people: names with their two digits."""
        listed = (f"{name}（{code[-2:]}）" for code, name in sorted(self._names.items()))
        return "、".join(listed) or "—"

    def name(self, code: str) -> str:
        """The name of a grid."""
        return self._names.get(code, code)

    def of(self, entry: Entry) -> tuple[str, Note | None]:
        """The grid code of a row, or the reason why it has none."""
        if entry.grid:
            code = self.find(entry.grid)
            if code is not None:
                return code, None
            if self._options.create_grids:
                return self._add(entry.grid), None
        chosen = self._options.grids.get(entry.sheet) or self._options.grid
        if chosen:
            return self.find(chosen) or "", None
        if entry.grid:
            return "", Note("unknown_grid", "", {"word": entry.grid[:20], "known": self.known()})
        for hint in entry.hints:
            code = self.find(hint) or self._within(hint)
            if code is not None:
                return code, None
        for hint in entry.hints:
            if self._options.create_grids and _LOOKS_LIKE_GRID.fullmatch(fold(hint)):
                return self._add(fold(hint)), None
        return "", Note("no_grid", "", {"known": self.known()})

    def find(self, word: str) -> str | None:
        """The grid a word names: its code, its two digits, its name, its number (三组, 第3组)."""
        text = fold(word)
        if text in self._names:
            return text
        by_name = {_stem(name): code for code, name in self._names.items()}
        if _stem(text) in by_name:
            return by_name[_stem(text)]
        number = _number(text)
        if number is not None:
            numbered = [code for code, name in self._names.items() if _number(fold(name)) == number]
            if numbered:
                return numbered[0]
            code = f"{self._village}{number:02d}"
            # "3组" in a village whose grids have names means its third grid.
            return code if code in self._names else None
        return self._within(word) if len(text) <= 12 else None

    def _within(self, text: str) -> str | None:
        """The one grid whose name stands in a longer text."""
        folded = fold(text)
        inside = [
            code
            for code, name in self._names.items()
            if len(_stem(name)) > 1 and _stem(name) in folded
        ]
        return inside[0] if len(inside) == 1 else None

    def _add(self, word: str) -> str:
        free = (f"{self._village}{number:02d}" for number in range(1, 100))
        code = next((code for code in free if code not in self._names), "")
        if not code:
            raise RosterRefused("roster_unknown_grid", grid=word, known=self.known())
        self._names[code] = self.added[code] = word
        return code


def _stem(name: str) -> str:
    return _ENDS.sub("", fold(name))


def _number(text: str) -> int | None:
    word = _ENDS.sub("", text).removeprefix("第").removesuffix("号")
    if re.fullmatch(r"\d{1,2}", word):
        return int(word)
    found = _NUMBER.fullmatch(word)
    if found is None:
        return None
    if found["one"]:
        return _DIGITS.index(found["one"])
    tens = _DIGITS.index(found["tens"]) if found["tens"] else 1
    return tens * 10 + (_DIGITS.index(found["ones"]) if found["ones"] else 0)


def names_of_grids(rows: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """Grid code → name from the fields of grid records."""
    return {str(fields.get("grid_code", "")): str(fields.get("name", "")) for fields in rows}
