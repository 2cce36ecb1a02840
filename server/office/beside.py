"""别人也在改: a line on the edit page that says who else has the record open, and what was changed since it was opened.

Saving never loses anything either way: it merges by field, and where two people changed the same one both values
stand. The line is there so that nobody types what somebody else has just typed. Who has a page open is kept in this
process's memory alone; what was changed is read from the log."""

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from server.office.pages import render
from server.office.records import hidden_fields, row_of
from server.office.security import account_of, page, registry_of
from server.office.text import language_of
from server.office.values import label
from server.programme import programme
from server.registry import HistoryEdit, now_ms
from server.typed import whole

GONE_MS = 45_000
"""A page asks every 15 seconds; one that was silent for three times that is closed."""
MOST_OPEN = 5_000
LONGEST_MS = 15 * 60_000
ENOUGH = 286
"""htmx's status for "ask no more". A page left open must not keep its session from ending for ever."""


@dataclass(frozen=True, slots=True)
class Open:
    """Who has a record's edit page open."""

    name: str
    at: int


class Beside:
    """The edit pages that are open now: (village, record) -> account -> who."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], dict[str, Open]] = {}

    def seen(self, village: str, record: str, account: str, name: str, now: int) -> list[str]:
        """Note that somebody has the page open; the names of the others who have."""
        if len(self._open) > MOST_OPEN:
            self._open.clear()
        there = self._open.setdefault((village, record), {})
        for id in [id for id, it in there.items() if now - it.at > GONE_MS]:
            del there[id]
        there[account] = Open(name, now)
        return sorted(it.name for id, it in there.items() if id != account)


beside = Beside()


@page("edit_records")
async def others(request: Request) -> Response:
    """The line, which the page asks for when it opens and every 15 seconds; empty when nobody is there."""
    row, account = await row_of(request), account_of(request)
    language, base = language_of(request), whole(request.query_params.get("base"))
    names = beside.seen(account.village, row.id, account.id, account.name, now_ms())
    edits: list[HistoryEdit] = []
    if base is not None and row.rev > base:
        edits = await registry_of(request).history(account.village, row.id)
    kind = programme().types[row.type]
    hidden = hidden_fields(account.role, row.type)

    def words(keys: Iterable[str]) -> list[str]:
        named = dict.fromkeys(key.partition("/")[0] for key in keys)
        return [
            label(kind.fields[name], language)
            for name in named
            if name in kind.fields and name not in hidden and not kind.fields[name].derived
        ]

    later = [it for it in edits if base is not None and it.rev > base]
    changed = [
        {
            "author": author,
            "at": max(it.received_at for it in later if it.author == author),
            "fields": words(it.key for it in later if it.author == author),
        }
        for author in dict.fromkeys(it.author for it in later)
    ]
    opened = whole(request.query_params.get("since"))
    is_left = opened is not None and now_ms() - opened > LONGEST_MS
    context = {"names": names, "changed": changed}
    return render(request, "beside", context, status=ENOUGH if is_left else 200)
