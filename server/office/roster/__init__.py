"""Rosters in: a village's Excel or CSV list of children, previewed, applied all or nothing.

    bytes ── guard, ole, biff, parts ──▶ may be read, and how large it is
          ── reader ──▶ sheets of plain values
          ── header, headings, rows ──▶ columns with a meaning, rows that are children
          ── understand, people, adults, cells, dates, identity, grades, relations, choices ──▶ entries
          ── plan, families, grids, known, house ──▶ Preview (pure)
          ── render, text, refused ──▶ tables, sentences, the refused rows as the same sheet
          ── apply ──▶ one commit of a batch device

A page keeps the uploaded bytes by their hash, shows `preview_for`, and sends back only hash, base,
digest and options to `apply`. `command.run` is the same for a terminal.
"""

from server.office.roster.apply import TYPES, Applied, apply, preview, preview_for
from server.office.roster.errors import CATALOGUE, MAX_BYTES, RosterRefused
from server.office.roster.preview import Match, Options, Preview
from server.office.roster.reader import read
from server.office.roster.refused import refused_sheet
from server.office.roster.render import Table, as_text, summary, tables

__all__ = [
    "CATALOGUE",
    "MAX_BYTES",
    "TYPES",
    "Applied",
    "Match",
    "Options",
    "Preview",
    "RosterRefused",
    "Table",
    "apply",
    "as_text",
    "preview",
    "preview_for",
    "read",
    "refused_sheet",
    "summary",
    "tables",
]
