"""Who helps whom: helpers with their load, pairings with what is quiet about them, and every child with its helpers."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from server.office import values
from server.office.lists.kinds import (
    CARE,
    CHILD,
    GRID,
    HELPER,
    RISK,
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
from server.office.statistics.book import UNKNOWN, Book
from server.office.text import translate
from server.programme.derive import in_force, most_children
from server.programme.due import NO_CALENDAR, Due, due_list
from server.registry import Row

LOADS = {
    "over": "超过约定人数",
    "full": "已满",
    "free": "还能再结对",
    "idle": "没有结对",
    "left": "不在岗",
}
STATES = {"V": "有效", "W": "待补", "F": "还没开始", "E": "结束"}
QUIET = {"yes": "一直没有联系", "no": "有联系"}
PAIRED = {"yes": "已结对", "no": "未结对"}


def named(words: Mapping[str, str], name: str, heading: str) -> Filter:
    """A filter whose values have their words here."""
    return Filter(
        name,
        heading,
        lambda desk, value: translate(desk.language, words.get(value, value)),
        tuple(words),
    )


def helpers(desk: Desk) -> Iterator[Line]:
    loads = Counter(text_of(it.fields, "helper_id") for it in desk.book.valid_pairings)
    for helper in desk.book.register.kind("helper"):
        n, most = loads[helper.id], most_children(helper.fields)
        load = _load(helper, n, most)
        grids = [str(it) for it in helper.fields.get("grids") or ()]
        kind, name = text_of(helper.fields, "helper_kind"), text_of(helper.fields, "name")
        pinyin = text_of(helper.fields, "name_pinyin")
        phones = values.phones(helper.fields.get("phones"))
        yield Line(
            helper.id,
            {
                "name": name,
                "kind": desk.code("helper_kind", kind),
                "unit": text_of(helper.fields, "unit") or None,
                "children": n,
                "most": most,
                "load": translate(desk.language, LOADS[load]),
                "grids": "、".join(desk.book.register.grid_names.get(it, it) for it in grids)
                or None,
                "phone": str(phones[0].get("number", "")) if phones else None,
                "trained_on": text_of(helper.fields, "trained_on") or None,
                "checked": desk.code("yes_no_unk", helper.fields.get("background_checked")),
            },
            {"kind": (kind or UNKNOWN,), "load": (load,), "grid": grids or (UNKNOWN,)},
            alerts=("load",) if load == "over" else (),
            order={"name": pinyin or name, "load": [*LOADS].index(load)},
            names=(name, text_of(helper.fields, "unit")),
            pinyins=(pinyin,),
        )


def _load(helper: Row, n: int, most: int) -> str:
    if not n:
        return "left" if helper.fields.get("active") == "N" else "idle"
    return "over" if n > most else "full" if n == most else "free"


def by_rule(book: Book, name: str) -> Mapping[str, Due[Row]]:
    """By child, when it is due by a rule and when it was done last, whether the village has the rule on or not."""
    rule = next(it for it in book.register.rules if it.name == name)
    types = (rule.subject, *rule.events, "helper", "pairing")
    held = {name: book.register.kind(name) for name in types}
    found = due_list(held, [replace(rule, on=True)], NO_CALENDAR, book.on)
    return {it.subject.id: it for it in found}


def pairings(desk: Desk) -> Iterator[Line]:
    due = by_rule(desk.book, "quiet_pair")
    found = desk.book.register.kind("pairing")
    for pairing in sorted(
        found, key=lambda it: ([*STATES].index(state_of(it, desk.book.on)), it.id)
    ):
        child = desk.row(pairing.fields.get("child_id"))
        if child is None:
            continue
        state, touch = state_of(pairing, desk.book.on), due.get(child.id)
        is_quiet = state == "V" and touch is not None and touch.state == "overdue"
        helper, kind = text_of(pairing.fields, "helper_id"), text_of(pairing.fields, "kind")
        line = of_child(
            desk,
            child,
            {
                "helper": desk.name(helper) or None,
                "kind": desk.code("pairing_kind", kind),
                "state": translate(desk.language, STATES[state]),
                "from_on": text_of(pairing.fields, "from_on") or None,
                "to_on": text_of(pairing.fields, "to_on") or None,
                "weekend": desk.code("yes_no", pairing.fields.get("duty_weekend")),
                "last_on": touch.last_on if touch else None,
            },
            {
                "helper": (helper if desk.row(helper) else UNKNOWN,),
                "kind": (kind or UNKNOWN,),
                "state": (state,),
                "quiet": ("yes",) if is_quiet else ("no",) if state == "V" else (),
            },
            id=pairing.id,
            alerts=("last_on",) if is_quiet else (),
        )
        yield replace(
            line, links={"name": child.id, "helper": helper}, names=(*line.names, desk.name(helper))
        )


def state_of(pairing: Row, on: str) -> str:
    """Of STATES the one a pairing is in on a day."""
    if in_force(pairing.fields, on):
        return "V"
    if pairing.fields.get("state") == "W":
        return "W"
    begins = text_of(pairing.fields, "from_on") > on and pairing.fields.get("state") != "E"
    return "F" if begins else "E"


def coverage(desk: Desk) -> Iterator[Line]:
    pairs_of: dict[str, list[Row]] = {}
    for it in desk.book.valid_pairings:
        pairs_of.setdefault(text_of(it.fields, "child_id"), []).append(it)
    for child in desk.book.children:
        pairs = pairs_of.get(child.id, [])
        since = min((text_of(it.fields, "from_on") for it in pairs), default="")
        yield of_child(
            desk,
            child,
            {"pairs": len(pairs), "since": since or None},
            {"paired": ("yes",) if pairs else ("no",)},
            alerts=() if pairs else ("pairs",),
        )


KINDS = (
    Kind(
        "helpers",
        "帮扶人",
        "人数只算有效结对的儿童，同伴不算；超过约定人数：多于本人的最多结对人数，没有约定的按 3 人。",
        (
            Column("name", "姓名", of="helper.name"),
            Column("kind", "帮扶人类型", of="helper.helper_kind", width=14),
            Column("unit", "单位", of="helper.unit", width=20),
            Column("children", "结对儿童", is_number=True, is_summed=True, of="pairing.helper_id"),
            Column("most", "最多结对人数", is_number=True, of="helper.max_children"),
            Column("load", "负担", of="helper.max_children", width=14),
            Column("grids", "网格", of="helper.grids", width=18),
            Column("phone", "电话", of="helper.phones", width=16),
            Column("trained_on", "培训日期", is_default=False, of="helper.trained_on"),
            Column("checked", "从业查询", is_default=False, of="helper.background_checked"),
        ),
        (named(LOADS, "load", "负担"), Filter("kind", "帮扶人类型", coded("helper_kind"), codes_of("helper_kind")), GRID),
        helpers,
        "还没有帮扶人",
        "把教师、爱心妈妈、干部和志愿者逐个登记，再给他们结对。",
        of_type="helper",
        makes="helper",
    ),
    Kind(
        "pairings",
        "结对",
        "有效：状态有效、已开始、没到结束日期；待补的不算。没有联系：有效的结对，按规定的天数没有走访、谈心或联络。",
        (
            *CHILD[:2],
            Column("helper", "帮扶人", of="pairing.helper_id"),
            Column("kind", "结对方式", of="pairing.kind"),
            Column("state", "状态", of="pairing.state"),
            Column("from_on", "开始日期", of="pairing.from_on"),
            Column("to_on", "结束日期", is_default=False, of="pairing.to_on"),
            Column("last_on", "最近联系", of="visit.occurred_on"),
            Column("weekend", "双休日和假期", is_default=False, of="pairing.duty_weekend"),
            CHILD[2],
            *CARE[:2],
        ),
        (
            named(STATES, "state", "状态"), named(QUIET, "quiet", "联系"), HELPER,
            Filter("kind", "结对方式", coded("pairing_kind"), codes_of("pairing_kind")), GRID,
        ),
        pairings,
        "还没有结对",
        "到“结对落实”里选孩子，一次结给一位帮扶人。",
        of_type="pairing",
    ),
    Kind(
        "coverage",
        "结对落实",
        "已结对：有 1 名以上成年帮扶人有效结对的留守儿童，和结对率同一个数。",
        (
            *CHILD,
            Column("pairs", "有效结对", is_number=True, is_summed=True, of="pairing.state"),
            Column("since", "最早开始", of="pairing.from_on"),
            *CARE[2:],
            *CARE[:2],
        ),
        (named(PAIRED, "paired", "结对"), HELPER, GRID, RISK),
        coverage,
        "还没有留守儿童",
        "登记了留守儿童以后，这里看谁还没有帮扶人，可以几个一起结对。",
        is_scoped=True,
        is_assigned=True,
    ),
)  # fmt: skip
