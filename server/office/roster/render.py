"""A preview as tables of plain text, for a terminal or a page."""

from typing import Any

import msgspec

from server.office import values
from server.office.roster import text
from server.office.roster.choices import Choices
from server.office.roster.preview import Difference, Match, Preview
from server.office.text import translate
from server.programme import Programme


class Table(msgspec.Struct):
    """A table to show: what it is, its headings, its rows."""

    code: str
    title: str
    headings: list[str]
    rows: list[list[str]]


def summary(preview: Preview, lang: str = "zh") -> list[tuple[str, str]]:
    """The counts in words: (what, how many), rows first."""
    counts = preview.counts()
    created = preview.created()
    made = translate(lang, "，").join(
        f"{text.said(text.TYPES[name], lang)} {created[name]}"
        for name in text.TYPES
        if name in created
    )
    lines = [(text.word("rows", lang), str(counts["rows"]))]
    lines.append((text.word("created", lang), made or "0"))
    for code in ("matched", "left", "twins", "refused"):
        lines.append((text.word(code, lang), str(counts[code])))
    lines.append((text.word("warnings", lang), str(len(preview.warnings))))
    return lines


def tables(preview: Preview, programme: Programme, lang: str = "zh") -> list[Table]:
    """The details: refused rows, recognised children, doubles, remarks; empty ones left out."""
    words = _Words(programme, lang)
    found = [
        _refused(preview, words),
        _matches(preview, words),
        _twins(preview, words),
        _warnings(preview, words),
    ]
    return [table for table in found if table.rows]


class _Words:
    """Field names and values in a language."""

    def __init__(self, programme: Programme, lang: str) -> None:
        self._programme, self.lang = programme, lang
        self._choices = Choices(programme)

    def of(self, code: str, **details: Any) -> str:
        return text.word(code, self.lang, **details)

    def field(self, path: str) -> str:
        type_name, _, name = path.partition(".")
        field = self._programme.types[type_name].fields.get(name)
        if field is None:
            return name
        return field.label.en if self.lang == "en" else field.label.zh

    def value(self, one: Difference, value: Any) -> str:
        if isinstance(value, list):
            return translate(self.lang, "、").join(self.value(one, part) for part in value)
        if isinstance(value, dict):
            return str(value.get("number", ""))
        name = self._choices.list_of(one.type, one.field)
        return self._choices.label(name, str(value), self.lang) if name else str(value)

    def difference(self, one: Difference) -> str:
        field = self.field(f"{one.type}.{one.field}")
        return f"{field}{translate(self.lang, '：')}{self.value(one, one.register)} ≠ {self.value(one, one.sheet)}"


def _place(sheet: str, row: int, several: bool) -> str:
    return f"{sheet} {row}" if several else str(row)


def _refused(preview: Preview, words: _Words) -> Table:
    several = len(preview.sheets) > 1
    names = {(one.sheet, one.row): one.name for one in preview.refused}
    rows = [
        [
            _place(*place, several),
            names[place],
            translate(words.lang, "；").join(text.note(note, words.lang) for note in notes),
        ]
        for place, notes in preview.refused_rows().items()
    ]
    headings = [words.of("row"), words.of("name"), words.of("reason")]
    return Table("refused", words.of("refused"), headings, rows)


def _reason(match: Match, words: _Words) -> str:
    said = text.said(text.MATCHED[match.reason], words.lang)
    waits = match.action == "leave"
    return values.in_brackets(said, words.of("left"), words.lang) if waits else said


def _matches(preview: Preview, words: _Words) -> Table:
    several = len(preview.sheets) > 1
    differs = "overwritten" if preview.options.overwrite else "differs"
    headings = [words.of(code) for code in ("row", "name", "found", "reason", "filled", differs)]
    rows = [
        [
            _place(match.sheet, match.row, several),
            match.name,
            match.found,
            _reason(match, words),
            translate(words.lang, "、").join(
                dict.fromkeys(words.field(path) for path in match.filled)
            ),
            translate(words.lang, "；").join(words.difference(one) for one in match.differs),
        ]
        for match in preview.matches
        if match.action != "create"
    ]
    return Table("matched", words.of("matched"), headings, rows)


def _twins(preview: Preview, words: _Words) -> Table:
    several = len(preview.sheets) > 1
    rows = [
        [
            _place(twin.sheet, twin.row, several),
            twin.name,
            translate(words.lang, "，").join(
                (
                    words.of("twin_of", row=_place(twin.of_sheet, twin.of_row, several)),
                    text.said(text.MATCHED[twin.reason], words.lang),
                )
            ),
            translate(words.lang, "；").join(words.difference(one) for one in twin.differs),
        ]
        for twin in preview.twins
    ]
    headings = [words.of(code) for code in ("row", "name", "reason", "differs")]
    return Table("twins", words.of("twins"), headings, rows)


def _warnings(preview: Preview, words: _Words) -> Table:
    several = len(preview.sheets) > 1
    rows = [
        [_place(one.sheet, one.row, several), one.name, text.note(one.note, words.lang)]
        for one in preview.warnings
    ]
    headings = [words.of("row"), words.of("name"), words.of("warnings")]
    return Table("warnings", words.of("warnings"), headings, rows)


def as_text(preview: Preview, programme: Programme, lang: str = "zh", most: int = 40) -> str:
    """The whole preview for a terminal; long tables stop after `most` rows and say how many more."""
    colon, semicolon, comma = (translate(lang, mark) for mark in "：；、")
    lines = [f"{text.word('preview', lang)} {preview.filename}", ""]
    for sheet in preview.sheets:
        about = [
            text.word("header_at", lang, row=sheet.header_row + 1),
            text.word("as_of", lang, day=sheet.as_of),
        ]
        if sheet.skipped:
            left_out = comma.join(
                f"{text.said(text.SKIPPED[kind], lang)} {count}"
                for kind, count in sheet.skipped.items()
            )
            about.append(f"{text.word('skipped', lang)} {left_out}")
        if sheet.unknown:
            about.append(f"{text.word('unknown', lang)}{colon}{comma.join(sheet.unknown)}")
        lines.append(f"{text.word('sheet', lang)} {sheet.name}{colon}{semicolon.join(about)}")
    lines.append("")
    lines += [f"  {what}{colon}{how_many}" for what, how_many in summary(preview, lang)]
    if preview.grids:
        names = comma.join(str(grid.set["name"]) for grid in preview.grids)
        lines.append(f"  {text.word('new_grids', lang)}{colon}{names}")
    for table in tables(preview, programme, lang):
        lines += ["", values.in_brackets(table.title, str(len(table.rows)), lang)]
        for row in table.rows[:most]:
            lines.append("  " + "  ".join(cell for cell in row if cell))
        if len(table.rows) > most:
            lines.append(f"  … {len(table.rows) - most}")
    return "\n".join(lines)
