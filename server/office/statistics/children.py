"""Indicators of who the children are and what is known of them: states on the day, one mark a child. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from server.office import values
from server.office.lines import file_of
from server.office.register import text_of
from server.office.statistics.book import PARENTS, UNKNOWN, Book, day_of, left_behind
from server.office.statistics.marks import Mark, Measure, Picks, every, hits, of_sort
from server.office.statistics.slots import add_days
from server.programme import programme
from server.programme.derive import (
    Completeness,
    age_on,
    completeness,
    household_state,
    most_children,
)
from server.registry import Row

CHECKED_DAYS = 180
DONE = frozenset({"V", "E", "M"})
IN_SCHOOL = frozenset({"2", "3", "8"})
PUPIL = frozenset({"2", "3", "4", "5", "8"})
MOVED_AWAY = frozenset({"X2", "X4", "X5", "X6", "T"})
NO_RESIDENT = frozenset({"X4", "X5", "X6"})

RATE = (Measure("rate", "比例", "rate", hits, of=every),)


def _mark(book: Book, child: Row, hit: bool = True, words: str = "") -> Mark:
    return Mark(child.id, child.id, hit=hit, groups=book.groups(child), words=words)


# 留守儿童数

N = (
    Measure("count", "人数", picks=of_sort("")),
    Measure("unclear", "待核实", picks=of_sort("unclear")),
)


def count(book: Book) -> Iterator[Mark]:
    for child in book.children:
        yield _mark(book, child)
    for child in book.unclear:
        groups = book.groups(child)
        yield Mark(child.id, child.id, sort="unclear", groups=groups)


# 占比

SHARE = (
    Measure(
        "share", "占比", "rate", of_sort("child"), by="count", of=of_sort("base"), of_by="base"
    ),
)


def share(book: Book) -> Iterator[Mark]:
    """The village's own register first, then every denominator stored, the newest of each unit and kind."""
    under_16 = [
        child
        for child in book.register.kind("child")
        if text_of(child.fields, "ward_status") not in NO_RESIDENT
        and (age_on(child.fields.get("birth_date"), book.on) or 0) < 16
    ]
    yield from _share("own", "", len(under_16), book.children)
    newest: dict[tuple[str, str], Row] = {}
    for row in book.register.kind("denominator"):
        on = text_of(row.fields, "on_date")
        key = (text_of(row.fields, "unit"), text_of(row.fields, "indicator"))
        if on <= book.on and on >= (
            text_of(newest[key].fields, "on_date") if key in newest else ""
        ):
            newest[key] = row
    for (unit, kind), row in sorted(newest.items()):
        children = list(book.children)
        if kind == "PUPILS":
            children = [
                it
                for it in children
                if it.fields.get("school_name") == unit and it.fields.get("school_stage") in PUPIL
            ]
        value = row.fields.get("value")
        words = f"{text_of(row.fields, 'on_date')} {text_of(row.fields, 'source')}".strip()
        yield from _share(
            f"{unit}·{kind}", row.id, value if isinstance(value, int) else 0, children, words
        )


def _share(
    unit: str, record: str, base: int, children: Sequence[Row], words: str = ""
) -> Iterator[Mark]:
    groups = {"unit": unit}
    yield Mark(record, sort="base", groups=groups, amounts={"base": base}, words=words)
    for child in children:
        yield Mark(child.id, child.id, "child", groups=groups, amounts={"count": 1})


# 摸底

SURVEY = (
    Measure("done", "摸底完成率", "rate", hits, of=every),
    Measure("reached", "入户率", "rate", lambda mark: mark.sort == "V", of=every),
)


def survey(book: Book) -> Iterator[Mark]:
    for household in book.rows("household"):
        surveys = [it for it in _surveys(book, household.id) if day_of(it) <= book.on]
        on, result = household_state(surveys)
        last = max(surveys, key=lambda it: (day_of(it), it.id), default=None)
        yield Mark(
            household.id,
            sort=result,
            hit=result in DONE,
            groups={
                "grid": text_of(household.fields, "grid_code") or UNKNOWN,
                "surveyor": text_of(last.fields, "recorded_by") if last else UNKNOWN,
                "result": result or UNKNOWN,
            },
            on=on,
        )


def _surveys(book: Book, household: str) -> Iterator[Row]:
    """The surveys of a household that nobody corrected or took back."""
    for it in book.register.pointing("survey", "household_id", household):
        if it.id not in book.register.corrected:
            yield it


# 建档、五清楚、联系卡


def files(book: Book) -> Iterator[Mark]:
    for child in book.children:
        file = file_of(child, book.register, book.on)
        yield _mark(book, child, file.complete, words=_missing(file))


def _missing(file: Completeness) -> str:
    """What is missing, as names of types and fields; the page puts them into words."""
    return " ".join(dict.fromkeys(file.missing))


def five_clears(book: Book) -> Iterator[Mark]:
    term = term_start(book.on)
    for child in book.children:
        clear = {
            "个人": completeness(programme().types["child"], child.fields, book.on).complete,
            "家庭": _family(book, child),
            "学习思想": _dynamics(book, child, term),
            "监护": _care(book, child),
            "电话": phone_checked(book, child),
        }
        words = " ".join(name for name, is_clear in clear.items() if not is_clear)
        yield _mark(book, child, all(clear.values()), words=words)


def _family(book: Book, child: Row) -> bool:
    household = book.register.household_of(child)
    links = book.register.pointing("parent_link", "child_id", child.id)
    types = programme().types
    return (
        household is not None
        and completeness(types["household"], household.fields, book.on).complete
        and bool(links)
        and all(completeness(types["parent_link"], it.fields, book.on).complete for it in links)
    )


def _dynamics(book: Book, child: Row, term: str) -> bool:
    """Study and mood were both noted this term, at one visit or talk or at several."""
    noted = [
        it
        for kind in ("visit", "talk")
        for it in book.by_child(kind).get(child.id, ())
        if day_of(it) >= term
    ]

    def said(name: str) -> bool:
        return any(text_of(it.fields, name) not in ("", "UNK") for it in noted)

    return said("study") and said("mood")


def _care(book: Book, child: Row) -> bool:
    link = book.main_carer(child)
    return (
        link is not None
        and completeness(programme().types["guardianship"], link.fields, book.on).complete
    )


def cards(book: Book) -> Iterator[Mark]:
    for child in book.children:
        yield _mark(book, child, phone_checked(book, child))


def phone_checked(book: Book, child: Row) -> bool:
    """Whether a phone of the child or of the main carer was checked within 180 days."""
    since = add_days(book.on, -CHECKED_DAYS)
    link = book.main_carer(child)
    carer = book.register.rows.get(text_of(link.fields, "carer_id")) if link else None
    entries = [
        entry for it in (carer, child) if it for entry in values.phones(it.fields.get("phones"))
    ]
    if any(since <= str(entry.get("verified_on", "")) <= book.on for entry in entries):
        return True
    if carer is None or not values.phones(carer.fields.get("phones")):
        return False
    household = text_of(child.fields, "household_id")
    surveyed = any(
        it.fields.get("result") == "V" and since <= day_of(it) <= book.on
        for it in _surveys(book, household)
    )
    return surveyed or any(
        "G" in (it.fields.get("met") or ()) and day_of(it) >= since
        for it in book.by_child("visit").get(child.id, ())
    )


# 入学、巩固


def enrolment(book: Book) -> Iterator[Mark]:
    for child in book.children:
        age = age_on(child.fields.get("birth_date"), book.on)
        if age is None or not 6 <= age <= 15:
            continue
        stage = text_of(child.fields, "school_stage")
        august = age_on(child.fields.get("birth_date"), f"{school_year(book.on)}-08-31")
        late = stage == "1" and august is not None and august < 7
        yield _mark(book, child, stage in IN_SCHOOL or late)


def retention(book: Book) -> Iterator[Mark]:
    """Pupils among the children of the first day, and whether they still are; who moved away is out."""
    for child in left_behind(book.first, book.since, book.scope):
        now = book.register.rows.get(child.id)
        gone = now is None or text_of(now.fields, "ward_status") in MOVED_AWAY
        if text_of(child.fields, "school_stage") not in PUPIL or gone or now is None:
            continue
        still = text_of(now.fields, "school_stage") in PUPIL
        groups = {"school": text_of(child.fields, "school_name") or UNKNOWN}
        yield Mark(
            child.id, child.id, hit=still, groups={**groups, "grid": book.group(now, "grid")}
        )


# 监护


def every_child(book: Book) -> Iterator[Mark]:
    for child in book.children:
        yield _mark(book, child)


def _in(group: str, codes: tuple[str, ...]) -> Picks:
    return lambda mark: mark.groups.get(group) in codes


def _kinds(group: str, measures: Mapping[str, tuple[str, tuple[str, ...]]]) -> tuple[Measure, ...]:
    return tuple(
        Measure(name, words, "rate", _in(group, codes), of=every)
        for name, (words, codes) in measures.items()
    )


CARERS = _kinds(
    "carer_kind",
    {
        "grandparents": ("祖辈", ("GPP", "GPM")),
        "relatives": ("亲友", ("REL", "SIB", "TCH", "FRI")),
        "parents": ("父或母", ("FA", "MO")),
        "others": ("机构", ("INS",)),
        "nobody": ("无人照护", ("NONE",)),
        "unknown": ("未了解", (UNKNOWN,)),
    },
)
ASSESS = _kinds(
    "assess",
    {
        "good": ("较好", ("1",)),
        "fair": ("一般", ("2",)),
        "poor": ("差", ("3",)),
        "unknown": ("未评", (UNKNOWN,)),
    },
)


def agreements(book: Book) -> Iterator[Mark]:
    for child in book.children:
        link = book.main_carer(child)
        kind = text_of(link.fields, "carer_kind") if link else UNKNOWN
        if kind in PARENTS:
            continue
        signed = text_of(link.fields, "agreement_signed_on") if link else ""
        yield _mark(book, child, "" < signed <= book.on)


# 结对


def paired(book: Book) -> Iterator[Mark]:
    with_helper = {it.fields.get("child_id") for it in book.valid_pairings}
    for child in book.children:
        yield _mark(book, child, child.id in with_helper)


LOAD = (
    Measure("mean", "平均负担", "mean", of_sort("pairing"), of=of_sort("helper")),
    Measure("helpers", "帮扶人", picks=of_sort("helper", "idle")),
    Measure("over", "超限", picks=lambda mark: mark.sort == "helper" and not mark.hit),
)


def load(book: Book) -> Iterator[Mark]:
    loads = Counter(text_of(it.fields, "helper_id") for it in book.valid_pairings)
    for helper in book.register.kind("helper"):
        if helper.fields.get("helper_kind") == "K":  # a child that helps another
            continue
        own = {"helper": helper.id, "helper_kind": text_of(helper.fields, "helper_kind") or UNKNOWN}
        n = loads[helper.id]
        over = n > most_children(helper.fields)
        if helper.fields.get("active") != "N" or n:
            yield Mark(helper.id, sort="helper" if n else "idle", hit=not over, groups=own)
        for _ in range(n):
            yield Mark(helper.id, sort="pairing", groups=own)


def school_year(on: str) -> int:
    """The year in whose September the school year of a day began."""
    return int(on[:4]) - (on[5:] < "09-01")


def term_start(on: str) -> str:
    """1 September or 1 March, the later that is not after the day."""
    spring = f"{on[:4]}-03-01"
    if on >= f"{on[:4]}-09-01":
        return f"{on[:4]}-09-01"
    return spring if on >= spring else f"{int(on[:4]) - 1}-09-01"
