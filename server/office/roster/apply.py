"""Writes what a preview showed: all of it or nothing.

The file is planned again from its bytes against the register as it now is; only if that gives the
very preview the clerk saw (its digest) is it committed, so nothing a browser sends is believed.
Ops come from a device of the batch's own, named by the file's hash; what the import created is
therefore every record whose first edit in `Registry.history` bears that device, and undoing the
import is setting `present` to false on those which no other device has edited since.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date

import msgspec
from msgspec.structs import replace

from server.auth import Auth
from server.office.roster.errors import RosterRefused
from server.office.roster.known import Record
from server.office.roster.plan import plan
from server.office.roster.preview import Options, PlannedChange, Preview
from server.office.roster.reader import read
from server.office.roster.understand import Tell, understand, untold
from server.programme import programme
from server.registry import Registry
from sync import Change, RecordId

TYPES = ("grid", "household", "person", "child", "parent_link", "guardianship")
"""Record types an import reads and writes."""


class Applied(msgspec.Struct):
    """What an import wrote. Without `device` there was nothing to write."""

    preview: Preview
    device: str = ""
    revs: list[int] = []


def preview(
    data: bytes,
    filename: str,
    rows: Sequence[Record],
    *,
    village: str,
    base: int,
    today: date,
    options: Options | None = None,
    tell: Tell = untold,
) -> Preview:
    """Plans an import of a file against rows of the types in `TYPES`, read at rev `base`.

    Raises `RosterRefused`. Pure: the same arguments give the same preview.
    """
    chosen = options or Options()
    as_of = date.fromisoformat(chosen.as_of) if chosen.as_of else None
    workbook = read(data, filename)
    understood = understand(workbook, programme(), today, as_of, tell)
    return plan(village, workbook, understood, rows, base, chosen, programme())


async def preview_for(
    registry: Registry,
    village: str,
    data: bytes,
    filename: str,
    today: date,
    options: Options | None = None,
    base: int | None = None,
    tell: Tell = untold,
) -> Preview:
    """`preview` against a village of the registry, read now; the planning runs in a thread."""
    found = await registry.village(village)
    if found is None:
        raise RosterRefused("roster_unknown_village", village=village)
    # The rev is read first: rows may then be newer than their base, never older, and an edit
    # that comes in between is concurrent with the import instead of overwritten by it.
    head = found.rev
    rows = await registry.rows(village, *TYPES)
    at = head if base is None else min(base, head)
    return await asyncio.to_thread(
        preview, data, filename, rows, village=village, base=at, today=today, options=options, tell=tell
    )  # fmt: skip


async def apply(
    registry: Registry,
    auth: Auth,
    village: str,
    data: bytes,
    filename: str,
    today: date,
    *,
    base: int,
    digest: str,
    author: str,
    options: Options | None = None,
    tell: Tell = untold,
    settle: Callable[[], None] = lambda: None,
) -> Applied:
    """Commits the preview with this `base` and `digest` in one transaction; `settle` is called before it begins.

    A second call finds everything there and writes nothing. Raises `RosterRefused`
    (`roster_preview_stale`) when the register or the options no longer give that preview.
    """
    planned = await preview_for(registry, village, data, filename, today, options, base, tell)
    if not planned.changes():
        return Applied(planned)
    if planned.digest != digest:
        raise RosterRefused("roster_preview_stale")
    settle()
    device = await auth.batch_device(village, filename[-80:], planned.sha256)
    ops = await _remade(registry, village, ops_of(planned), planned.base)
    committed = await registry.commit(village, device, ops, author=author)
    return Applied(planned, device, list(committed.revs))


async def _remade(
    registry: Registry, village: str, ops: list[list[Change]], base: int
) -> list[list[Change]]:
    """The ops, knowing of the removal where an import that was taken back is applied again: its records have the
    same ids, and come back."""
    ids = [change.record for changes in ops for change in changes if change.base == 0]
    there = await registry.rows_by_id(village, ids)
    return [
        [replace(it, base=base) if it.base == 0 and it.record in there else it for it in changes]
        for changes in ops
    ]


def ops_of(planned: Preview) -> list[list[Change]]:
    """The preview's ops: the new grids, then one op a household."""
    ops = [[_change(change) for change in house.changes] for house in planned.households]
    if planned.grids:
        ops.insert(0, [_change(change) for change in planned.grids])
    return ops


def _change(planned: PlannedChange) -> Change:
    return Change(RecordId(planned.record), planned.type, planned.base, planned.set)
