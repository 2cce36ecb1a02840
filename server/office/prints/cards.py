"""Cards to cut out and letters to sign: one for each child or each pair."""

from typing import Any

from server.office import values
from server.office.pages import today
from server.office.prints.kinds import Asked
from server.office.register import text_of
from server.office.statistics.book import PARENTS
from server.registry import Row

FOUR_DUTIES = ("掌握孩子的基本情况", "用心关怀，常来常往", "有困难及时帮助", "帮孩子改掉不良习惯")
NEAREST = ("POLICE", "HOSP", "CIVIL", "SCH")
"""Whom a child can reach soonest first; the others after them."""


def contacts(asked: Asked) -> dict[str, Any]:
    """Of each child the carer, the parents, the helpers and two numbers of the village."""
    return {
        "cards": [{"it": asked.line(it), "parents": _parents(it, asked)} for it in asked.children],
        "contacts": _numbers(asked)[:2],
    }


def entrustments(asked: Asked) -> dict[str, Any]:
    """委托照护责任书: for each child whom no parent cares for, and for a chosen one whose parent is about to leave:
    who will care for it is then a line to write on."""
    made = []
    for card, child in zip(contacts(asked)["cards"], asked.children, strict=True):
        link, _ = carer_of(child, asked)
        is_parent = link is not None and link.fields.get("carer_kind") in PARENTS
        if not is_parent or asked.chosen["child"]:
            made.append({**card, "trustee": None if is_parent else card["it"]})
    return {"cards": made}


def help_cards(asked: Asked) -> dict[str, Any]:
    """Whom to call. No address stands on it: a child carries it about and may lose it."""
    return {
        "cards": [
            {"it": asked.line(it), "parents": _parents(it, asked), "helpers": _helpers(it, asked)}
            for it in asked.children
        ],
        "contacts": _numbers(asked)[:3],
    }


def pairs(asked: Asked) -> dict[str, Any]:
    """结对帮扶卡 of every pair with an adult; two children have the card of `peers`."""
    made = []
    for child in asked.children:
        for pairing in asked.register.pairings(child.id, today()):
            if asked.register.is_peer(pairing):
                continue
            helper = asked.of(pairing, "helper_id")
            made.append(
                {
                    "child": asked.line(child),
                    "helper": asked.register.name_of(helper),
                    "kind": values.code_label(
                        "helper_kind",
                        helper.fields.get("helper_kind") if helper else "",
                        asked.language,
                    ),
                    "unit": text_of(helper.fields, "unit") if helper else "",
                    "phone": asked.phone(helper),
                    "since": text_of(pairing.fields, "from_on"),
                    "goal": text_of(pairing.fields, "goal"),
                    "clauses": asked.texts["mothers"] if _is_mother(pairing, helper) else (),
                }
            )
    return {"pairs": made, "duties": FOUR_DUTIES}


def _is_mother(pairing: Row, helper: Row | None) -> bool:
    """Whether the helper is a 爱心妈妈, whose card has her duties on it."""
    kind = helper.fields.get("helper_kind") if helper else ""
    return kind == "M" or pairing.fields.get("kind") == "MUM"


def peers(asked: Asked) -> dict[str, Any]:
    """手拉手: a child, the child that helps, the aim, and the teacher who knows of it."""
    made = []
    for child in asked.children:
        for pairing in asked.register.pairings(child.id, today()):
            helper = asked.of(pairing, "helper_id")
            if not asked.register.is_peer(pairing):
                continue
            peer = asked.of(helper, "peer_id") if helper else None
            made.append(
                {
                    "child": asked.line(child),
                    "name": asked.register.name_of(peer or helper),
                    "peer": asked.line(peer) if peer is not None and peer.type == "child" else None,
                    "since": text_of(pairing.fields, "from_on"),
                    "goal": text_of(pairing.fields, "goal"),
                    "teacher": text_of(child.fields, "head_teacher"),
                }
            )
    return {"pairs": made}


TEACHER_CARDS = 6
"""Cards of a side, two beside each other: what fits on a page with room for a long address."""


def teachers(asked: Asked) -> dict[str, Any]:
    """班主任·监护人联系卡: sheets of six, each with its front (the teacher) and its back (who cares for the child).
    Of the back every row is turned round, so that printed on both sides over the long edge each back lies behind
    its front. With `style` blank: one sheet to fill in by hand."""
    cards: list[dict[str, Any] | None] = [
        {
            "it": asked.line(it),
            "class": " ".join(
                filter(None, (asked.said(it, "grade"), asked.said(it, "class_name")))
            ),
            "teacher": text_of(it.fields, "head_teacher"),
            "teacher_phone": text_of(it.fields, "teacher_phone"),
            "parents": _parents(it, asked),
            "carer_phones": _carer_phones(it, asked),
            "language": asked.said(asked.register.household_of(it), "carer_language"),
        }
        for it in asked.children
        if text_of(it.fields, "school_name")
    ]
    if asked.chosen["style"] == "blank":
        cards = [{"it": None}] * TEACHER_CARDS
    sheets = []
    for start in range(0, len(cards), TEACHER_CARDS):
        sheet = cards[start : start + TEACHER_CARDS]
        sheet += [None] * (-len(sheet) % 2)
        rows = [sheet[at : at + 2] for at in range(0, len(sheet), 2)]
        sheets.append({"fronts": sheet, "backs": [it for row in rows for it in reversed(row)]})
    return {"sheets": sheets, "contacts": _numbers(asked)[:2]}


def carer_of(child: Row, asked: Asked) -> tuple[Row | None, Row | None]:
    """The link to who cares for a child first, and that person."""
    link = next(iter(asked.register.guardianships(child.id, today())), None)
    return link, asked.of(link, "carer_id") if link else None


def _carer_phones(child: Row, asked: Asked) -> str:
    _, carer = carer_of(child, asked)
    phones = values.phones(carer.fields.get("phones")) if carer else []
    return " ".join(filter(None, (str(it.get("number", "")) for it in phones)))


def without_friend(child: Row, asked: Asked) -> dict[str, Any]:
    """A hand-in-hand card of a child who has no friend yet: the friend's lines are empty."""
    teacher = text_of(child.fields, "head_teacher")
    return {"child": asked.line(child), "name": "", "peer": None, "since": "", "goal": "", "teacher": teacher}  # fmt: skip


def _helpers(child: Row, asked: Asked) -> list[tuple[str, str]]:
    """Grown-up helpers of today with their numbers."""
    helpers = [
        asked.of(it, "helper_id")
        for it in asked.register.pairings(child.id, today())
        if not asked.register.is_peer(it)
    ]
    return [(asked.register.name_of(it), asked.phone(it)) for it in helpers if it is not None]


def _numbers(asked: Asked) -> list[tuple[str, str]]:
    """The village's own numbers, the nearest first."""
    order = {kind: place for place, kind in enumerate(NEAREST)}
    rows = sorted(
        asked.register.kind("contact"),
        key=lambda it: order.get(text_of(it.fields, "kind"), len(order)),
    )
    return [
        (text_of(it.fields, "name"), text_of(it.fields, "phone"))
        for it in rows
        if text_of(it.fields, "phone")
    ]


def _parents(child: Row, asked: Asked) -> list[dict[str, str]]:
    """Father and mother as far as they live: name, where they work, a number."""
    found = []
    for link in asked.register.pointing("parent_link", "child_id", child.id):
        parent = asked.of(link, "parent_id")
        if parent is not None and parent.fields.get("alive") == "N":
            continue
        found.append(
            {
                "relation": values.code_label(
                    "relation", link.fields.get("relation"), asked.language
                ),
                "name": asked.register.name_of(parent),
                "place": work_place(link, asked),
                "phone": asked.phone(parent),
            }
        )
    return found


def work_place(link: Row, asked: Asked) -> str:
    """Where a parent works: area, address, employer."""
    return " ".join(
        filter(
            None, (asked.said(link, it) for it in ("work_area_code", "work_address", "work_unit"))
        )
    )
