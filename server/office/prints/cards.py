"""Cards to cut out and letters to sign: one for each child or each pair."""

from typing import Any

from server.office import values
from server.office.pages import today
from server.office.prints.kinds import Asked
from server.office.register import text_of
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
    made = []
    for child in asked.children:
        for pairing in asked.register.pairings(child.id, today()):
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
                }
            )
    return {"pairs": made, "duties": FOUR_DUTIES}


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
    """Father and mother: name, where they work, a number."""
    found = []
    for link in asked.register.pointing("parent_link", "child_id", child.id):
        parent = asked.of(link, "parent_id")
        place = [
            values.code_label("work_area", link.fields.get("work_area_code"), asked.language),
            text_of(link.fields, "work_address"),
            text_of(link.fields, "work_unit"),
        ]
        found.append(
            {
                "relation": values.code_label(
                    "relation", link.fields.get("relation"), asked.language
                ),
                "name": asked.register.name_of(parent),
                "place": " ".join(filter(None, place)),
                "phone": asked.phone(parent),
            }
        )
    return found
