"""Indicators of visits, talks and family contact: slots that were due, and whether they were filled. Pure."""

from collections.abc import Callable, Iterator, Sequence

from server.forms.evaluate import Context, holds
from server.office.register import text_of
from server.office.statistics import owed
from server.office.statistics.book import UNKNOWN, Book, day_of
from server.office.statistics.marks import Mark, Measure, every, of_sort
from server.office.statistics.slots import Slot, days_between, months, periods, week_of, weeks
from server.programme import programme
from server.programme.due import visiting
from server.registry import Row

BY_PARENT = frozenset({"FA", "MO"})

RATE = (Measure("rate", "完成率", "rate", lambda m: m.sort == "" and m.hit, of=of_sort("")),)


def _slot_marks(
    book: Book, figure: str, usual: Sequence[Slot], done: Callable[[Row, Slot], str | None]
) -> Iterator[Mark]:
    """A mark for each child and slot. A child owes nothing for a slot before it entered. `done` says the day of what
    filled the slot, None when nothing did."""
    slots_of = owed.slots_of(figure, book, usual)
    for child in book.children:
        groups = book.groups(child)
        for slot in slots_of(child):
            on = done(child, slot)
            own = {**groups, "month": slot.name, "week": slot.name}
            yield Mark(child.id, child.id, "", on is not None, own, on=on or "", words=slot.name)


def _first_day(events: Sequence[Row], slot: Slot) -> str | None:
    """The day on which a slot was filled: of one that asks for several days, the last of them."""
    days = {on for it in events if slot.first <= (on := day_of(it)) <= slot.last}
    return sorted(days)[slot.times - 1] if len(days) >= slot.times else None


# 走访

VISITS = (
    *RATE,
    Measure("made", "走访次数", picks=of_sort("visit")),
    Measure("visited", "走访人数", picks=of_sort("visit"), by="persons"),
)


def counts(visit: Row, on: str) -> bool:
    """Whether somebody was met."""
    rules = visiting(programme().rules)
    return all(holds(rule.counts_if, Context(visit.fields, on)) for rule in rules)


def visits(book: Book) -> Iterator[Mark]:
    every_days = min(
        (rule for rule in visiting(book.register.rules) if rule.on),
        key=lambda rule: rule.every_days[""],
        default=None,
    )
    met = {
        child: [it for it in events if counts(it, book.on)]
        for child, events in book.by_child("visit").items()
    }
    for child in book.children:
        groups = book.groups(child)
        if every_days is not None:
            risk = text_of(child.fields, every_days.by)
            days = every_days.every_days.get(risk, every_days.every_days[""])
            for slot in periods(book.entered(child), days, book.since, book.on):
                on = _first_day(met.get(child.id, ()), slot)
                own = {**groups, "month": slot.name}
                said = f"{slot.first}—{slot.last}"
                yield Mark(child.id, child.id, "", on is not None, own, on=on or "", words=said)
    for visit in book.events("visit"):
        if counts(visit, book.on):
            yield _event(book, visit, "visit")


def _event(book: Book, event: Row, sort: str) -> Mark:
    child = book.register.rows.get(text_of(event.fields, "child_id"))
    groups = book.groups(child) if child is not None else {}
    own = {**groups, "month": day_of(event)[:7]}
    return Mark(event.id, text_of(event.fields, "child_id"), sort, groups=own, on=day_of(event))


# 谈心、监护人沟通、三沟通

TALKS = (
    *RATE,
    Measure("made", "谈心人次", picks=of_sort("talk")),
)
CARER_TALKS = (
    *RATE,
    Measure("made", "沟通人次", picks=of_sort("talk", "visit")),
)


def _talks(book: Book, *parties: str) -> dict[str, list[Row]]:
    return {
        child: [it for it in events if it.fields.get("party") in parties]
        for child, events in book.by_child("talk").items()
    }


def _visits_meeting(book: Book, *who: str) -> dict[str, list[Row]]:
    return {
        child: [it for it in events if set(who) & set(it.fields.get("met") or ())]
        for child, events in book.by_child("visit").items()
    }


def talks(book: Book) -> Iterator[Mark]:
    with_child = _talks(book, "CHI")
    slots = months(book.since, book.on)
    yield from _slot_marks(
        book, "talks", slots, lambda c, s: _first_day(with_child.get(c.id, ()), s)
    )
    for it in book.events("talk"):
        if it.fields.get("party") == "CHI":
            yield _event(book, it, "talk")


def carer_talks(book: Book) -> Iterator[Mark]:
    talked, met = _talks(book, "CARER"), _visits_meeting(book, "G")
    slots = months(book.since, book.on)
    yield from _slot_marks(
        book,
        "carer_talks",
        slots,
        lambda c, s: _first_day([*talked.get(c.id, ()), *met.get(c.id, ())], s),
    )
    for it in book.events("talk"):
        if it.fields.get("party") == "CARER":
            yield _event(book, it, "talk")
    for it in book.events("visit"):
        if "G" in (it.fields.get("met") or ()):
            yield _event(book, it, "visit")


def parent_contacts(book: Book) -> dict[str, list[Row]]:
    """Contacts with a parent, by child: calls that got through, talks, visits at which one was met."""
    calls = {
        child: [
            it
            for it in events
            if it.fields.get("connected") == "Y" and it.fields.get("with_whom") in BY_PARENT
        ]
        for child, events in book.by_child("family_call").items()
    }
    talked, met = _talks(book, "PAR"), _visits_meeting(book, "F", "M")
    return {
        child: [*calls.get(child, ()), *talked.get(child, ()), *met.get(child, ())]
        for child in calls.keys() | talked.keys() | met.keys()
    }


def three_contacts(book: Book) -> Iterator[Mark]:
    with_child, with_parent = _talks(book, "CHI"), parent_contacts(book)
    talked, met = _talks(book, "CARER", "TCH"), _visits_meeting(book, "G")

    def done(child: Row, slot: Slot) -> str | None:
        days = [
            _first_day(with_child.get(child.id, ()), slot),
            _first_day(with_parent.get(child.id, ()), slot),
            _first_day([*talked.get(child.id, ()), *met.get(child.id, ())], slot),
        ]
        known = [on for on in days if on is not None]
        return max(known) if len(known) == len(days) else None

    yield from _slot_marks(book, "three_contacts", months(book.since, book.on), done)


# 亲情联络

CALLS = (
    *RATE,
    Measure("calls", "电话", picks=lambda m: m.sort == "call" and m.groups.get("kind") == "1"),
    Measure("videos", "视频", picks=lambda m: m.sort == "call" and m.groups.get("kind") == "2"),
    Measure("letters", "书信", picks=lambda m: m.sort == "call" and m.groups.get("kind") == "3"),
    Measure("others", "微信", picks=lambda m: m.sort == "call" and m.groups.get("kind") == "4"),
)


def calls(book: Book) -> Iterator[Mark]:
    connected = {
        child: [it for it in events if it.fields.get("connected") == "Y"]
        for child, events in book.by_child("family_call").items()
    }
    slots_of = owed.slots_of("calls", book, weeks(book.since, book.on))
    for child in book.children:
        groups = book.groups(child)
        for slot in slots_of(child):
            made = [
                it for it in connected.get(child.id, ()) if slot.first <= day_of(it) <= slot.last
            ]
            first = min(made, key=lambda it: (day_of(it), it.id), default=None)
            place = text_of(first.fields, "place_id") if first else ""
            own = {**groups, "week": week_of(slot.last), "place": place or UNKNOWN}
            on = day_of(first) if first else ""
            yield Mark(child.id, child.id, "", first is not None, own, on=on, words=slot.name)
    for it in book.events("family_call"):
        if it.fields.get("connected") == "Y":
            mark = _event(book, it, "call")
            own = {
                **mark.groups,
                "kind": text_of(it.fields, "kind") or UNKNOWN,
                "place": text_of(it.fields, "place_id") or UNKNOWN,
                "week": week_of(day_of(it)),
            }
            yield Mark(mark.record, mark.child, mark.sort, groups=own, on=mark.on)


# 父母失联

LOST = (
    Measure("over_30", "超过30天", "rate", lambda m: m.amounts["days"] > 30, of=every),
    Measure("over_90", "超过90天", "rate", lambda m: m.amounts["days"] > 90, of=every),
)


def lost(book: Book) -> Iterator[Mark]:
    contacts = parent_contacts(book)
    for child in book.children:
        last = max((day_of(it) for it in contacts.get(child.id, ())), default="")
        since = last or book.entered(child)
        days = max(0, days_between(min(since, book.on), book.on))
        groups = book.groups(child)
        yield Mark(child.id, child.id, "", days <= 30, groups, {"days": days}, on=last)


# 工作量

WORKLOAD = (
    Measure("visits", "走访", picks=of_sort("visit")),
    Measure("talks", "谈心", picks=of_sort("talk")),
    Measure("calls", "联络", picks=of_sort("family_call")),
    Measure("last", "最近一次", "day"),
)


def workload(book: Book) -> Iterator[Mark]:
    for kind in ("visit", "talk", "family_call"):
        for it in book.events(kind):
            author = text_of(it.fields, "recorded_by") or UNKNOWN
            child = text_of(it.fields, "child_id")
            yield Mark(it.id, child, kind, groups={"author": author}, on=day_of(it))
