"""变动: who came to count and who ceased to, between two days; start + new − left = end. Pure.

Counted from the register of both days, not from the notices of change: a notice nobody wrote leaves no gap. Each
child is in one line only, so the balance is a property of the counting; the page prints it all the same."""

from collections.abc import Iterator

from server.office.register import Register, text_of
from server.office.statistics.book import UNKNOWN, Book, left_behind
from server.office.statistics.marks import Mark, Measure, of_sort
from server.office.statistics.slots import add_days
from server.programme.derive import age_on
from server.registry import Row

STAYED = "stay"
MOVEMENT = (
    Measure("start", "期初", picks=of_sort("start")),
    Measure("new", "新增", picks=of_sort("new")),
    Measure("left", "减少", picks=of_sort("left")),
    Measure("end", "期末", picks=of_sort("end")),
)


def movement(book: Book) -> Iterator[Mark]:
    day_before = add_days(book.since, -1)
    was = {it.id: it for it in left_behind(book.first, day_before, book.scope)}
    now = {it.id: it for it in book.children}
    came = {id: _why_new(book.first, now[id]) for id in now.keys() - was.keys()}
    gone = {id: _why_left(book.register.rows.get(id), book.on) for id in was.keys() - now.keys()}
    for child in was.values():
        reason = gone[child.id][0] if child.id in gone else STAYED
        yield Mark(child.id, child.id, "start", groups={"reason": reason, "month": book.since[:7]})
    for child in now.values():
        groups = {"reason": came.get(child.id, STAYED), "month": book.on[:7]}
        yield Mark(child.id, child.id, "end", groups=groups)
    for id, reason in came.items():
        yield _moved("new", now[id], reason, _since(now[id]))
    for id, (reason, on) in gone.items():
        yield _moved("left", was[id], reason, on)


def _moved(sort: str, child: Row, reason: str, on: str) -> Mark:
    groups = {"reason": reason, "month": on[:7] or UNKNOWN}
    return Mark(child.id, child.id, sort, groups=groups, on=on)


def _since(child: Row) -> str:
    return text_of(child.fields, "left_since")


def _why_new(before: Register, child: Row) -> str:
    """new: no file before; away: the parents went away; back: in the register again."""
    was = before.rows.get(child.id)
    if was is None or text_of(was.fields, "left_behind_fact") in ("", UNKNOWN):
        return "new"
    return "back" if text_of(was.fields, "ward_status") not in ("", "A") else "away"


def _why_left(child: Row | None, on: str) -> tuple[str, str]:
    """A code of ward_status, or what else made the child cease to count; and the day."""
    if child is None:
        return UNKNOWN, ""
    status = text_of(child.fields, "ward_status")
    if status not in ("", "A"):
        return status, text_of(child.fields, "exit_on")
    if (age_on(child.fields.get("birth_date"), on) or 0) >= 16:
        return "X3", ""
    return "X1" if child.fields.get("left_behind_fact") == "N" else UNKNOWN, ""
