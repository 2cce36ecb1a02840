"""Filled Excel templates in: the sheet of any form (`tabular.template`), read back row by row.

    bytes ── roster.reader ──▶ sheets of plain values
          ── columns ──▶ which column is which question, as told by headings or by a person
          ── cells ──▶ answers, and what cannot be read, by cell
          ── pointing ──▶ whom and what the rows point to
          ── plan ──▶ each row: new, there already, like another, or not to be taken (pure)

Children and households come in as rosters (`office/roster`), which make whole families.
"""

from server.office.filled.plan import Planned, Row, plan

__all__ = ["Planned", "Row", "plan"]
