"""Taking a whole import back: what it made goes, what it filled in is emptied or as before.

What somebody has changed since, or points to, stays. The office's own op takes it back, so the history tells both.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office import values
from server.office.pages import render
from server.office.record_file import field_of
from server.office.register import Register
from server.office.roster.understand import Tell, untold
from server.office.security import account_of, auth_of, page, registry_of
from server.office.taking_back import all_taken_back
from server.office.text import language_of, translate
from server.office.work import Work
from server.office.work.planning import carried_out
from server.programme import programme, programme_of
from server.programme.derive import struck
from server.registry import Brought, HistoryEdit, Registry, Row
from sync import PRESENT, Change, RecordId

MOST_LISTED = 12
"""Imports that are listed, the newest first."""
FEW = 1_000
"""Records whose taking back is waited for."""
PIECE = 100
"""Records taken back in one step."""


@dataclass(frozen=True)
class Import:
    device: str
    filename: str
    at: int


@dataclass(frozen=True)
class Undoing:
    """What taking an import back would do. `kept`: made by it, and changed or pointed to since."""

    gone: Sequence[Row]
    kept: Sequence[Row]
    restored: Sequence[Change]


async def imports_of(request: Request) -> list[Import]:
    """The imports of the village, newest first."""
    devices = await auth_of(request).devices(account_of(request).village)
    found = [Import(it.id, it.label, it.enrolled_at) for it in devices if it.kind == "import"]
    return sorted(found, key=lambda it: it.at, reverse=True)


@page("import")
async def undo(request: Request) -> Response:
    """What an import brought, and taking it back."""
    account, registry, language = account_of(request), registry_of(request), language_of(request)
    wanted = request.path_params["device"]
    batch = next((it for it in await imports_of(request) if it.device == wanted), None)
    if batch is None:
        raise Problem("not_found")
    brought = await registry.brought(account.village, batch.device)
    if request.method == "POST":
        return await _take_back(request, batch, len(brought.made) + len(brought.edited))
    undoing, register = await _undoing(registry, account.village, batch.device, brought)
    counts: dict[str, int] = {}
    for row in undoing.gone:
        words = values.type_words(row.type, language)
        counts[words] = counts.get(words, 0) + 1
    context = {
        "batch": batch, "undoing": undoing, "counts": counts,
        "kept": [(it.id, register.name_of(it) or values.type_words(it.type, language))
                 for it in undoing.kept[:30]],
    }  # fmt: skip
    return render(request, "import_undo", context)


async def _take_back(request: Request, batch: Import, size: int) -> Response:
    """A few records at a time, so that phones have their turn and the page can count; once begun it is carried through.
    Were the server to be killed on the way, the rest is there to be taken back."""
    account, registry, auth = account_of(request), registry_of(request), auth_of(request)

    async def do(work: Work) -> None:
        work.leads_to, work.flash = "/office/import", "import_undone"
        work.tell(0, size)
        brought = await registry.brought(account.village, batch.device)
        undoing, _ = await _undoing(registry, account.village, batch.device, brought, work.tell)
        ops = all_taken_back(undoing.gone, translate("zh", "撤销导入"))
        if undoing.restored:
            ops.append(list(undoing.restored))
        work.settle()
        device = await auth.office_device(account)
        for at in range(0, len(ops), PIECE):
            piece = ops[at : at + PIECE]
            await registry.commit(account.village, device, piece, author=account.name)
            work.tell(at + len(piece), len(ops))
        if ops:
            await auth.note(
                account.village, account.id, "undo_import", batch.device, f"{len(undoing.gone)}"
            )

    return await carried_out(
        request, do, "撤销导入 %(file)s", request.url.path, is_short=size <= FEW, key=("undo", batch.device),
        file=batch.filename,
    )  # fmt: skip


async def _undoing(
    registry: Registry, village: str, device: str, brought: Brought, tell: Tell = untold
) -> tuple[Undoing, Register]:
    """What taking it back would do now, and the register it was seen in."""
    edited = brought.edited.keys() - brought.touched
    histories = {}
    for id in edited:
        histories[id] = await registry.history(village, id)
        tell(len(histories), len(edited))
    register = Register.of(await registry.rows(village, *programme_of(village).types))
    return await asyncio.to_thread(planned, brought, register, histories, device), register


def planned(
    brought: Brought,
    register: Register,
    histories: Mapping[str, Sequence[HistoryEdit]],
    device: str,
) -> Undoing:
    """What is to be taken back. Pure."""
    made = [register.rows[id] for id in brought.made if id in register.rows]
    gone_events = (
        struck([it for it in made if programme().types[it.type].kind == "event"])
        | register.corrected
    )
    standing = [it for it in made if it.id not in gone_events]
    kept = {it.id for it in standing if it.id in brought.touched}
    ids = {it.id for it in standing}
    while True:
        pointed = {
            target
            for row in register.rows.values()
            if row.id not in ids or row.id in kept
            for target in _targets(row)
            if target in ids and target not in kept and row.id not in register.corrected
        }
        if not pointed:
            break
        kept |= pointed
    restored = [
        change
        for id, edits in histories.items()
        if id in register.rows and (change := _restored(register.rows[id], edits, device))
    ]
    return Undoing(
        [it for it in standing if it.id not in kept],
        [it for it in standing if it.id in kept],
        restored,
    )


def _targets(row: Row) -> list[str]:
    """Ids this record points to."""
    kind = programme().types.get(row.type)
    fields = kind.fields.values() if kind else ()
    return [str(row.fields[it.name]) for it in fields if it.ref and row.fields.get(it.name)]


def _restored(row: Row, edits: Sequence[HistoryEdit], device: str) -> Change | None:
    """A record that was there as it was before the import filled cells in, where that is still what shows."""
    said: dict[str, Any] = {}
    for key in {it.key for it in edits if it.device == device}:
        past = [it for it in edits if it.key == key]
        if past[-1].device != device or key == PRESENT:
            continue
        before = next((it.value for it in reversed(past) if it.device != device), None)
        described = programme().types[row.type].fields.get(field_of(key))
        is_set = described is not None and described.type == "select_multiple"
        value = before if before is not None or not is_set else False
        if value != past[-1].value:
            said[key] = value
    return Change(RecordId(row.id), row.type, row.rev, said) if said else None
