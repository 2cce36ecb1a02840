"""Taking a whole import back: what it made goes, what it filled in is emptied or as before.

What somebody has changed since, or points to, stays. The office's own op takes it back, so the history tells both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.errors import Problem
from server.office import values
from server.office.pages import redirect, render
from server.office.record_file import field_of
from server.office.register import Register
from server.office.security import account_of, auth_of, page, registry_of
from server.office.taking_back import all_taken_back
from server.office.text import language_of, translate
from server.programme import programme, programme_of
from server.programme.derive import struck
from server.registry import Brought, HistoryEdit, Row
from sync import PRESENT, Change, RecordId

MOST_LISTED = 12
"""Imports that are listed, the newest first."""


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
    rows = await registry.rows(account.village, *programme_of(account.village).types)
    histories = {
        id: await registry.history(account.village, id)
        for id in brought.edited
        if id not in brought.touched
    }
    undoing = planned(brought, Register.of(rows), histories, batch.device)
    if request.method == "POST":
        why = translate("zh", "撤销导入")
        ops = all_taken_back(undoing.gone, why)
        if undoing.restored:
            ops.append(list(undoing.restored))
        if ops:
            device = await auth_of(request).office_device(account)
            await registry.commit(account.village, device, ops, author=account.name)
            await auth_of(request).note(
                account.village, account.id, "undo_import", batch.device, f"{len(undoing.gone)}"
            )
        return redirect(request, "/office/import", "import_undone")
    counts: dict[str, int] = {}
    for row in undoing.gone:
        words = values.type_words(row.type, language)
        counts[words] = counts.get(words, 0) + 1
    context = {
        "batch": batch, "undoing": undoing, "counts": counts,
        "kept": [(it.id, Register.of(rows).name_of(it) or values.type_words(it.type, language))
                 for it in undoing.kept[:30]],
    }  # fmt: skip
    return render(request, "import_undo", context)


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
