"""What the parts of an .xlsx hold, told from their XML before any value is read.

The XML is streamed through expat: no tree, no entities (a DOCTYPE is refused), nothing kept but
positions, merges, computed cells and the amount of text. Shared strings count once per cell that
shows them, which is how a small file can become a large one.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterable
from xml.parsers import expat

from server.office.roster.errors import RosterRefused
from server.office.roster.guard import inflate
from server.office.roster.sheet import Extent, Merge

MAX_MARKS = 200_000
"""Computed cells and merges of a sheet. They are kept one by one, and XML packs so well that a small file names millions."""
_REFERENCE = re.compile(r"^\$?([A-Z]{1,3})\$?([0-9]{1,7})$")


class Parts:
    """The parts of a checked .xlsx."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            self._members = {member.filename.lower(): member for member in archive.infolist()}

    def sheets(self) -> dict[str, Extent]:
        """Each worksheet by its name, in the order of the workbook; charts are left out.

        Raises `RosterRefused` when the XML is broken or carries a DOCTYPE.
        """
        targets: dict[str, str] = {}
        self._parse(
            "xl/_rels/workbook.xml.rels",
            lambda tag, attributes: targets.update(
                {attributes.get("Id", ""): attributes.get("Target", "")}
                if tag == "Relationship" and attributes.get("Type", "").endswith("/worksheet")
                else {}
            ),
        )
        names: dict[str, str] = {}

        def sheet(tag: str, attributes: dict[str, str]) -> None:
            if tag == "sheet":
                relation = next(
                    (v for k, v in attributes.items() if k.endswith("id") and k != "sheetId"), ""
                )
                if relation in targets:
                    target = targets[relation]
                    path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                    names[attributes.get("name", "")] = posixpath.normpath(path).lower()

        self._parse("xl/workbook.xml", sheet)
        lengths = self._string_lengths()
        return {name: self._extent(path, lengths) for name, path in names.items()}

    def _parse(
        self,
        path: str,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        member = self._members.get(path)
        if member is None:
            raise RosterRefused("roster_broken")
        parse(inflate(self._data, member), start, end, text)

    def _string_lengths(self) -> list[int]:
        lengths: list[int] = []
        if "xl/sharedstrings.xml" not in self._members:
            return lengths
        inside = False

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal inside
            if tag == "si":
                lengths.append(0)
            inside = tag == "t"

        def text(piece: str) -> None:
            if inside and lengths:
                lengths[-1] += len(piece)

        self._parse("xl/sharedstrings.xml", start, lambda tag: None, text)
        return lengths

    def _extent(self, path: str, lengths: list[int]) -> Extent:
        scan = _Scan(lengths)
        self._parse(path, scan.start, scan.end, scan.text)
        return scan.extent()


def parse(
    pieces: Iterable[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Streams XML through the three functions; tags come without their namespace's prefix."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def doctype(*_: object) -> None:
        raise RosterRefused("roster_broken")

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = lambda tag, attributes: start(tag.rpartition(":")[2], attributes)
    if end is not None:
        ended = end
        parser.EndElementHandler = lambda tag: ended(tag.rpartition(":")[2])
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # LookupError: an odd encoding
        raise RosterRefused("roster_broken") from error


class _Scan:
    """Follows one worksheet's XML and notes where values, formulas and merges are."""

    def __init__(self, lengths: list[int]) -> None:
        self._lengths = lengths
        self._row = self._column = -1
        self._in_value = self._is_shared = self._has_value = False
        self._index = ""
        self._rows = self._columns = self._cells = self._declared = self._elements = 0
        self._text = self._marks = 0
        self._formulas: set[tuple[int, int]] = set()
        self._arrays: list[Merge] = []
        self._merges: list[Merge] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            position = _position(attributes.get("r", ""))
            self._row, self._column = position or (self._row, self._column + 1)
            self._is_shared = attributes.get("t") == "s"
            self._has_value = False
        elif tag in ("v", "t", "is"):
            self._has_value = True
            self._in_value = tag != "is"
            self._index = ""
        elif tag == "f":
            self._has_value = True  # also when no result was stored with the formula
            self._formulas.add((self._row, self._column))
            self._count(1)
            if "ref" in attributes and attributes.get("t") == "array":
                self._arrays += _range(attributes["ref"])
        elif tag == "row":
            number = attributes.get("r", "")
            self._row = int(number) - 1 if number.isdecimal() and len(number) < 8 else self._row + 1
            self._column = -1
            self._elements = max(self._elements, self._row + 1)
        elif tag == "mergeCell":
            self._merges += _range(attributes.get("ref", ""))
            self._count(1)
        elif tag == "dimension":
            self._declared = max(
                (merge.bottom + 1 for merge in _range(attributes.get("ref", ""))), default=0
            )

    def text(self, piece: str) -> None:
        if not self._in_value:
            return
        if self._is_shared:
            self._index += piece[:12]
        else:
            self._text += len(piece)

    def end(self, tag: str) -> None:
        if tag in ("v", "t"):
            self._in_value = False
            if self._is_shared and self._index.strip().isdecimal():
                index = int(self._index)
                self._text += self._lengths[index] if index < len(self._lengths) else 0
        elif tag == "c" and self._has_value:
            self._cells += 1
            self._rows = max(self._rows, self._row + 1)
            self._columns = max(self._columns, self._column + 1)

    def _count(self, marks: int) -> None:
        self._marks += marks
        if self._marks > MAX_MARKS:
            raise RosterRefused("roster_bomb")

    def extent(self) -> Extent:
        formulas = set(self._formulas)
        for array in self._arrays:
            rows = range(array.top, min(array.bottom + 1, self._rows))
            columns = range(array.left, min(array.right + 1, self._columns))
            self._count(len(rows) * len(columns))
            formulas.update((row, column) for row in rows for column in columns)
        return Extent(
            self._rows,
            self._columns,
            self._cells,
            self._declared,
            self._elements,
            self._text,
            frozenset(formulas),
            tuple(self._merges),
        )


def _position(reference: str) -> tuple[int, int] | None:
    match = _REFERENCE.match(reference)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


def _range(reference: str) -> list[Merge]:
    first, _, last = reference.partition(":")
    start, stop = _position(first), _position(last or first)
    if start is None or stop is None:
        return []
    return [Merge(start[0], start[1], stop[0], stop[1])]
