"""打印: cards, sheets to sign and letters, for many children at once. Pages say village, day, who printed, page n/N."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.amounts import in_words
from server.errors import Problem
from server.office import values
from server.office.households import options
from server.office.judging import no_photos
from server.office.lines import ChildLine, child_line, definitions_of
from server.office.pages import render, today
from server.office.register import ENTITIES, Register, load, text_of
from server.office.security import account_of, auth_of, page, registry_of
from server.office.text import language_of
from server.programme.due import is_day
from server.registry import Row

READ = (*ENTITIES, "survey", "contact", "aid", "activity", "attendance")
SIGN_ROWS = 24
"""Lines of an empty sign-in sheet: what fits on one page."""


@dataclass(frozen=True)
class Printout:
    """`words` and `about` are messages of text.py; `filters` are what the address may choose by."""

    name: str
    words: str
    about: str
    filters: tuple[str, ...]


PRINTOUTS = {
    it.name: it
    for it in (
        Printout("contact-cards", "联系卡", "一个孩子一张，一页 8 张", ("grid",)),
        Printout("pairing-cards", "结对帮扶卡", "一对一张，一页 2 张，双方签字", ("grid",)),
        Printout("aid-sheet", "资助慰问签领表", "一段时间里发了什么，领的人签字，合计大写", ("grid", "since", "until")),
        Printout("sign-in", "活动签到表", "空白的，或某一次活动已经签到的", ("grid", "activity")),
        Printout("entrustment", "委托照护责任书", "一个孩子一张，监护人、受托人签字", ("grid", "child")),
        Printout("consent", "知情同意书", "一个孩子一张，监护人签字", ("grid", "child")),
    )
}  # fmt: skip
FOUR_DUTIES = ("掌握孩子的基本情况", "用心关怀，常来常往", "有困难及时帮助", "帮孩子改掉不良习惯")


@page("export")
async def printouts(request: Request) -> Response:
    """What can be printed, with what to choose by."""
    register = await load(registry_of(request), account_of(request).village, *READ)
    activities = sorted(
        register.kind("activity"), key=lambda it: text_of(it.fields, "occurred_on"), reverse=True
    )
    return render(
        request,
        "printouts",
        {
            "printouts": PRINTOUTS.values(),
            "options": options(register, language_of(request)),
            "activities": activities[:30],
            "year": today()[:4],
        },
    )


@page("export")
async def printout(request: Request) -> Response:
    """One printout; what was chosen stands in the address. Printing is noted."""
    it = PRINTOUTS.get(request.path_params["name"])
    if it is None:
        raise Problem("not_found")
    account, language = account_of(request), language_of(request)
    register = await load(registry_of(request), account.village, *READ)
    chosen = {name: request.query_params.get(name, "") for name in it.filters}
    children = [
        child
        for child in register.kind("child")
        if chosen.get("grid", "") in ("", register.grid_of(child))
        and chosen.get("child", "") in ("", child.id)
        and definitions_of(child, register, today())[0]
    ]
    children.sort(key=lambda row: (register.grid_of(row), text_of(row.fields, "file_no"), row.id))
    await auth_of(request).note(account.village, account.id, "print_form", it.name)
    return render(
        request,
        f"print_{it.name.replace('-', '_')}",
        {
            "title_words": it.words,
            "back": "/office/print",
            "grid": register.grid_names.get(chosen.get("grid", ""), ""),
            "is_masked": False,
            **_CONTENT[it.name](children, register, chosen, language),
        },
    )


def _line(child: Row, register: Register, language: str) -> ChildLine:
    return child_line(child, register, today(), language, {})


def _parents(child: Row, register: Register, language: str) -> list[dict[str, str]]:
    """Father and mother: name, where they work, a number."""
    found = []
    for link in register.pointing("parent_link", "child_id", child.id):
        parent = register.rows.get(text_of(link.fields, "parent_id"))
        phones = values.phones(parent.fields.get("phones")) if parent else []
        place = [
            values.code_label("work_area", link.fields.get("work_area_code"), language),
            text_of(link.fields, "work_address"),
            text_of(link.fields, "work_unit"),
        ]
        found.append(
            {
                "relation": values.code_label("relation", link.fields.get("relation"), language),
                "name": register.name_of(parent),
                "place": " ".join(filter(None, place)),
                "phone": str(phones[0].get("number", "")) if phones else "",
            }
        )
    return found


def _cards(
    children: Sequence[Row], register: Register, chosen: Mapping[str, str], language: str
) -> dict[str, Any]:
    contacts = [
        (text_of(it.fields, "name"), text_of(it.fields, "phone"))
        for it in register.kind("contact")
        if text_of(it.fields, "phone")
    ]
    return {
        "cards": [
            {"it": _line(it, register, language), "parents": _parents(it, register, language)}
            for it in children
        ],
        "contacts": contacts[:2],
    }


def _pairs(
    children: Sequence[Row], register: Register, chosen: Mapping[str, str], language: str
) -> dict[str, Any]:
    pairs = []
    for child in children:
        for pairing in register.pairings(child.id, today()):
            helper = register.rows.get(text_of(pairing.fields, "helper_id"))
            phones = values.phones(helper.fields.get("phones")) if helper else []
            pairs.append(
                {
                    "child": _line(child, register, language),
                    "helper": register.name_of(helper),
                    "kind": values.code_label(
                        "helper_kind", helper.fields.get("helper_kind") if helper else "", language
                    ),
                    "unit": text_of(helper.fields, "unit") if helper else "",
                    "phone": str(phones[0].get("number", "")) if phones else "",
                    "since": text_of(pairing.fields, "from_on"),
                    "goal": text_of(pairing.fields, "goal"),
                }
            )
    return {"pairs": pairs, "duties": FOUR_DUTIES}


def _aid(
    children: Sequence[Row], register: Register, chosen: Mapping[str, str], language: str
) -> dict[str, Any]:
    since = chosen["since"] if is_day(chosen["since"]) else f"{today()[:4]}-01-01"
    until = chosen["until"] if is_day(chosen["until"]) else today()
    rows = sorted(
        (
            it
            for it in register.kind("aid")
            if since <= text_of(it.fields, "occurred_on") <= until
            and it.id not in register.corrected
            and chosen["grid"] in ("", register.grid_of(it))
        ),
        key=lambda it: (text_of(it.fields, "occurred_on"), it.id),
    )
    lines = []
    total = 0
    for row in rows:
        fen = sum(
            number for name in ("cash_fen", "goods_fen")
            if isinstance(number := row.fields.get(name), int)
        )  # fmt: skip
        total += fen
        items = [values.code_label("aid_item", it, language) for it in row.fields.get("items", [])]
        other = text_of(row.fields, "items_other")
        lines.append(
            {
                "on": text_of(row.fields, "occurred_on"),
                "name": register.name_of(register.rows.get(text_of(row.fields, "child_id"))),
                "kind": values.code_label("aid_kind", row.fields.get("aid_kind"), language),
                "goods": "、".join(filter(None, [*items, other])),
                "yuan": f"{fen / 100:,.2f}",
                "receiver": text_of(row.fields, "receiver_name"),
            }
        )
    return {
        "lines": lines, "total": f"{total / 100:,.2f}", "in_words": in_words(total),
        "since": since, "until": until,
    }  # fmt: skip


def _sign_in(
    children: Sequence[Row], register: Register, chosen: Mapping[str, str], language: str
) -> dict[str, Any]:
    activity = register.rows.get(chosen["activity"])
    if activity is None or activity.type != "activity":
        return {"activity": None, "names": [_signing(it, register) for it in children], "empty": 4}
    signed = {
        text_of(it.fields, "person_id")
        for it in register.kind("attendance")
        if it.fields.get("activity_id") == activity.id and it.id not in register.corrected
    }
    names = sorted(_signing(register.rows.get(it), register) for it in signed)
    return {"activity": activity, "names": names, "empty": max(0, SIGN_ROWS - len(names))}


def _signing(row: Row | None, register: Register) -> tuple[str, bool]:
    """A name on the list, and whether no photo may be taken."""
    return register.name_of(row), no_photos(row)


def _letters(
    children: Sequence[Row], register: Register, chosen: Mapping[str, str], language: str
) -> dict[str, Any]:
    return _cards(children, register, chosen, language)


_CONTENT = {
    "contact-cards": _cards, "pairing-cards": _pairs, "aid-sheet": _aid, "sign-in": _sign_in,
    "entrustment": _letters, "consent": _letters,
}  # fmt: skip
