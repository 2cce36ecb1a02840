"""The programme's Markdown tables, and how a type's file becomes a plain XLSForm.

A type may `include` the questions of a block (`person.identity` brings the group, `person.contact:questions`
its questions alone) and `override` single cells below it. `assemble` resolves both, adds the choice
lists the form uses, and writes Markdown that pyxform reads: a standard XLSForm with nothing of ours
left but `bind::zf:…` columns. Knows nothing of what the columns mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parent
TYPES = (
    "grid",
    "household",
    "person",
    "child",
    "parent_link",
    "guardianship",
    "helper",
    "pairing",
    "survey",
    "visit",
    "talk",
    "family_call",
    "change_notice",
    "aid",
    "health_check",
    "illness_incident",
    "counselling",
    "guardian_check",
    "help_request",
    "help_step",
    "mandatory_report",
    "assessment",
    "consent",
    "activity",
    "attendance",
    "deed",
    "training",
    "donation_in",
    "stock",
    "plan_progress",
    "award",
    "publicity",
    "material_sent",
    "duty_done",
    "place",
    "inventory_item",
    "roster_slot",
    "child_group",
    "group_member",
    "loan",
    "call_booking",
    "plan",
    "task",
    "org_role",
    "contact",
    "target",
    "donor",
    "denominator",
    "budget_line",
    "paper_pile",
    "column_name",
)

Row = dict[str, str]


class SourceError(ValueError):
    """A table of the programme cannot be used; the message names file and row."""


def fingerprint() -> str:
    """The hash of every table and of the compiler: whether a compiled programme is fresh."""
    digest = sha256()
    forms = HERE.parent / "forms"
    compiler = (
        forms / "compile.py",
        forms / "expression.py",
        HERE / "source.py",
        HERE / "build.py",
        HERE / "calendar.py",
    )
    tables = sorted(
        path
        for path in HERE.rglob("*.md")
        if path.name != "README.md" and path.parent.name != "reports"
    )
    for path in (*tables, *compiler):
        digest.update(path.relative_to(HERE.parent).as_posix().encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def assemble(type_name: str) -> str:
    """The plain XLSForm of a record type, as Markdown."""
    sheets = sheets_of(HERE / "types" / f"{type_name}.md")
    survey = list(_resolved(type_name, sheets["survey"]))
    used = {
        row["type"].split()[1]
        for row in survey
        if row.get("type", "").startswith(("select_one ", "select_multiple "))
    }
    choices = [
        {"list_name": name, **choice}
        for name, rows in lists().items()
        if name in used
        for choice in rows
    ]
    missing = used - lists().keys()
    if missing:
        raise SourceError(f"types/{type_name}.md: no list {', '.join(sorted(missing))}")
    settings = [
        {
            key: cell
            for key, cell in row.items()
            if key not in {"kind", "home", "office_when", "form_title_en"}
        }
        for row in sheets["settings"]
    ]
    return "\n".join(
        (_sheet("settings", settings), _sheet("survey", survey), _sheet("choices", choices))
    )


def settings_of(type_name: str) -> Row:
    """What a type's file says of the type itself: kind, home, titles."""
    return sheets_of(HERE / "types" / f"{type_name}.md")["settings"][0]


@cache
def lists() -> dict[str, list[Row]]:
    """Every code list by name, in the order of the files."""
    found: dict[str, list[Row]] = {}
    for path in sorted((HERE / "lists").glob("*.md")):
        for piece in re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.M)[1:]:
            heading, _, body = piece.partition("\n")
            if heading.strip() in found:
                raise SourceError(f"lists/{path.name}: {heading.strip()} is there twice")
            found[heading.strip()] = next(iter(plain_tables(body)), [])
    return found


def plain_tables(text: str) -> Iterator[list[Row]]:
    """The ordinary Markdown tables of a text, each as rows by header."""
    for block in re.findall(r"(?:^\|.*\n?)+", text, flags=re.M):
        header, _, *rows = (_cells(line) for line in block.strip().splitlines())
        yield [dict(zip(header, row, strict=True)) for row in rows]


def tables_of(name: str) -> dict[str, list[Row]]:
    """The tables of a file beside this one, by the header of their first column."""
    text = (HERE / name).read_text(encoding="utf-8")
    return {next(iter(rows[0])): rows for rows in plain_tables(text) if rows}


def sheets_of(path: Path) -> dict[str, list[Row]]:
    """The sheets of an XLSForm in Markdown: name -> rows by header, empty cells left out."""
    sheets: dict[str, list[Row]] = {}
    header: list[str] = []
    name = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("|") or set(line) <= set("|- "):
            continue
        first, *cells = _cells(line)
        if first:
            name, header = first, []
            sheets[name] = []
        elif not header:
            header = cells
        elif len(cells) != len(header):
            raise SourceError(f"{path.name}: a row of {name} has {len(cells)} cells: {line[:60]}")
        else:
            sheets[name].append(
                {key: cell for key, cell in zip(header, cells, strict=True) if cell}
            )
    return sheets


def _resolved(type_name: str, rows: list[Row]) -> Iterator[Row]:
    """The rows of a survey with every include and override carried out."""
    out: list[Row] = []
    for row in rows:
        if row["type"] == "include":
            out.extend(dict(included) for included in _included(row["name"]))
        elif row["type"] == "override":
            target = next((r for r in reversed(out) if r.get("name") == row["name"]), None)
            if target is None:
                raise SourceError(f"types/{type_name}.md: override of {row['name']}: not there")
            changed = {key: cell for key, cell in row.items() if key not in {"type", "name"}}
            target.update({key: "" if cell == "-" else cell for key, cell in changed.items()})
        else:
            out.append(dict(row))
    for row in out:
        if row.get("bind::zf:ref") == "self":
            row["bind::zf:ref"] = type_name
        yield {key: cell for key, cell in row.items() if cell}


def _included(reference: str) -> list[Row]:
    block, _, group = reference.partition(".")
    group, _, part = group.partition(":")
    taken: list[Row] = []
    inside = False
    for row in sheets_of(HERE / "blocks" / f"{block}.md")["survey"]:
        if row["type"] == "begin_group" and row["name"] == group:
            inside = True
        if inside:
            taken.append(row)
        if row["type"] == "end_group":
            inside = False
    if not taken:
        raise SourceError(f"blocks/{block}.md has no group {group}")
    return taken[1:-1] if part == "questions" else taken


def _cells(line: str) -> list[str]:
    """The cells of a table's line; `\\|` is a bar inside a cell."""
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]


def _sheet(name: str, rows: list[Row]) -> str:
    if not rows:
        return ""
    header = list(dict.fromkeys(key for row in rows for key in row))
    lines = [f"| {name} |", f"| | {' | '.join(header)} |"]
    for row in rows:
        cells = (row.get(key, "").replace("|", "\\|") for key in header)
        lines.append(f"| | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
