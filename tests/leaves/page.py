"""The page that lists every record type with its fields, and which of them a phone of each role is sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from server.programme import programme

from .village import Leaving

PAGE = Path(__file__).parents[2] / "server" / "programme" / "what-leaves.md"
HEAD = """# What there is, and what leaves the server

Written by `python -m tests.leaves` from the bytes that a server sent: each field held a word of its own, and a phone of
each role synced (a surveyor of the record's grid, a volunteer paired with its child). A test fails when this page and
the bytes differ. A clerk's or an official's phone is sent what a surveyor of all grids is; the office pages show the
rest. Computed fields (ages, both definitions of left-behind, due dates, completeness) are worked out where they are
read, and never stored or sent.
"""
TABLE = """## {title}: {count}

| type | | fields | computed | to a surveyor | to a volunteer | kept from surveyors | what a volunteer is sent |
| --- | --- | ---: | ---: | ---: | ---: | --- | --- |"""


def written(sent: Sequence[Leaving]) -> str:
    """The page as Markdown."""
    of = {leaving.role: leaving for leaving in sent}
    lines = [HEAD]
    for kind, title in (("entity", "Entities"), ("event", "Events")):
        types = [it for it in programme().types.values() if it.kind == kind]
        lines.append(TABLE.format(title=title, count=len(types)))
        for it in sorted(types, key=lambda it: it.name):
            stored = {field.name for field in it.fields.values() if not field.computed}
            surveyor, volunteer = of["surveyor"].fields(it.name), of["volunteer"].fields(it.name)
            kept = "all" if not surveyor else " ".join(sorted(stored - {*surveyor})) or "-"
            cells = [
                it.name, f"{it.label.zh} {it.label.en}", len(stored), len(it.fields) - len(stored),
                len(surveyor), len(volunteer), kept, " ".join(volunteer) or "-",
            ]  # fmt: skip
            lines.append(f"| {' | '.join(map(str, cells))} |")
        lines.append("")
    return "\n".join(lines)
