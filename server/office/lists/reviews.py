"""结对评比: every pair of the term, one by one: what was owed to the child and done, and what the office thinks of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from server.office.lists.helping import STATES, named, state_of
from server.office.lists.kinds import (
    CARE,
    CHILD,
    GRID,
    HELPER,
    Column,
    Desk,
    Filter,
    Kind,
    Line,
    coded,
    codes_of,
    of_child,
)
from server.office.register import text_of
from server.office.statistics.book import UNKNOWN, Book, day_of
from server.office.statistics.children import term_start
from server.office.statistics.contacts import counts
from server.office.statistics.slots import Slot, months, periods, weeks
from server.office.text import translate
from server.programme.due import visiting
from server.registry import Row

NOT_RATED = "未评"
OWN_TYPES = ("visit", "talk", "family_call")
DONE = ("visits", "talks", "calls")


def reviews(desk: Desk) -> Iterator[Line]:
    """Pairs with a grown-up that were in force on some day of the term."""
    book = desk.book
    since = term_start(book.on)
    found = [
        it
        for it in book.register.kind("pairing")
        if not book.register.is_peer(it)
        and text_of(it.fields, "from_on") <= book.on
        and (state_of(it, book.on) == "V" or text_of(it.fields, "to_on") >= since)
    ]
    for pairing in sorted(found, key=lambda it: (_helper_name(desk, it), it.id)):
        child = desk.row(pairing.fields.get("child_id"))
        if child is not None:
            yield _line(desk, pairing, child, since)


def _line(desk: Desk, pairing: Row, child: Row, since: str) -> Line:
    book, helper = desk.book, text_of(pairing.fields, "helper_id")
    first = max(since, text_of(pairing.fields, "from_on"))
    last = min(book.on, text_of(pairing.fields, "to_on") or book.on)
    acts = _reached(book, child, last)
    done = kept(book, child, acts, first, last)
    own = [
        it
        for them in acts.values()
        for it in them
        if first <= day_of(it) and it.fields.get("recorded_by") == _helper_name(desk, pairing)
    ]
    rated_on = text_of(pairing.fields, "rated_on")
    rating = text_of(pairing.fields, "rating") if not rated_on or rated_on >= since else ""
    state = state_of(pairing, book.on)
    line = of_child(
        desk,
        child,
        {
            "helper": desk.name(helper) or None,
            "kind": desk.code("pairing_kind", pairing.fields.get("kind")),
            "state": translate(desk.language, STATES[state]),
            "from_on": text_of(pairing.fields, "from_on") or None,
            "goal": text_of(pairing.fields, "goal") or None,
            **{name: f"{n}/{d}" if d else None for name, (n, d) in done.items()},
            "own": len(own),
            "last_on": max((day_of(it) for them in acts.values() for it in them), default=None),
            "rating": desk.code("pair_rating", rating) or translate(desk.language, NOT_RATED),
            "reason": text_of(pairing.fields, "rating_reason") or None if rating else None,
            "rated_on": rated_on or None if rating else None,
        },
        {
            "helper": (helper if desk.row(helper) else UNKNOWN,),
            "kind": (text_of(pairing.fields, "kind") or UNKNOWN,),
            "rating": (rating or UNKNOWN,),
            "state": (state,),
        },
        id=pairing.id,
        alerts=[name for name, (n, d) in done.items() if d and not n],
    )
    shares = {name: n / d if d else "" for name, (n, d) in done.items()}
    return replace(
        line,
        links={"name": child.id, "helper": helper, "rating": pairing.id},
        order={**line.order, **shares, "rating": rating},
        names=(*line.names, desk.name(helper)),
    )


def _reached(book: Book, child: Row, last: str) -> dict[str, list[Row]]:
    """By type the acts about a child up to a day that reached somebody."""
    acts = {kind: book.by_child(kind).get(child.id, ()) for kind in OWN_TYPES}
    return {
        "visit": [it for it in acts["visit"] if day_of(it) <= last and counts(it, book.on)],
        "talk": [it for it in acts["talk"] if day_of(it) <= last],
        "family_call": [
            it
            for it in acts["family_call"]
            if day_of(it) <= last and it.fields.get("connected") == "Y"
        ],
    }


def kept(
    book: Book, child: Row, acts: Mapping[str, Sequence[Row]], first: str, last: str
) -> dict[str, tuple[int, int]]:
    """Of what was owed to a child between two days how often it was done, whoever did it: visits by the village's
    rule for its risk, a talk with the child each month, a call that got through each week. (done, due)."""
    if last < first:
        return dict.fromkeys(DONE, (0, 0))
    talked = [it for it in acts["talk"] if it.fields.get("party") == "CHI"]
    return {
        "visits": _filled(_visit_slots(book, child, first, last), acts["visit"]),
        "talks": _filled(months(first, last), talked),
        "calls": _filled(weeks(first, last), acts["family_call"]),
    }


def _visit_slots(book: Book, child: Row, first: str, last: str) -> Sequence[Slot]:
    rules = [it for it in visiting(book.register.rules) if it.on]
    if not rules:
        return ()
    rule = min(rules, key=lambda it: it.every_days[""])
    days = rule.every_days.get(text_of(child.fields, rule.by), rule.every_days[""])
    return list(periods(first, days, first, last))


def _filled(slots: Sequence[Slot], events: Sequence[Row]) -> tuple[int, int]:
    days = [day_of(it) for it in events]
    return sum(any(slot.first <= on <= slot.last for on in days) for slot in slots), len(slots)


def _helper_name(desk: Desk, pairing: Row) -> str:
    return desk.name(pairing.fields.get("helper_id"))


KINDS = (
    Kind(
        "reviews",
        "结对评比",
        "本学期有效过的成人结对，逐对看：应做的按走访规则、谈心每月一次、联络每周一次，从结对那天起算，谁做的都算；本人做的只数帮扶人自己记的。评比结果由办公室写，本学期以前评的不算。",
        (
            CHILD[0],
            Column("helper", "帮扶人", of="pairing.helper_id"),
            Column("kind", "结对方式", is_default=False, of="pairing.kind"),
            Column("from_on", "开始日期", of="pairing.from_on"),
            Column("goal", "帮扶目标", of="pairing.goal", width=24),
            Column("visits", "走访 做到/应做", is_number=True, of="visit.occurred_on", width=14),
            Column("talks", "谈心 做到/应做", is_number=True, of="talk.occurred_on", width=14),
            Column("calls", "联络 做到/应做", is_number=True, of="family_call.occurred_on", width=14),
            Column("own", "本人做的", is_number=True, is_summed=True, of="visit.recorded_by"),
            Column("last_on", "最近联系", of="visit.occurred_on"),
            Column("rating", "评比结果", of="pairing.rating"),
            Column("reason", "评比理由", of="pairing.rating_reason", width=24),
            Column("rated_on", "评比日期", is_default=False, of="pairing.rated_on"),
            Column("state", "状态", is_default=False, of="pairing.state"),
            CHILD[1],
            *CARE[:2],
        ),
        (
            Filter("rating", "评比结果", coded("pair_rating"), codes_of("pair_rating"), unknown=NOT_RATED),
            named(STATES, "state", "状态"), HELPER, GRID,
            Filter("kind", "结对方式", coded("pairing_kind"), codes_of("pairing_kind")),
        ),
        reviews,
        "还没有可以评比的结对",
        "先给孩子结对；学期末在这里一对一对看，点“未评”写结果和理由。",
        of_type="pairing",
    ),
)  # fmt: skip
