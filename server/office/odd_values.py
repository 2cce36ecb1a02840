"""数据疑点: every stored answer that breaks a rule of its own form, with the way to put it right.

The same rules the phone asks at the door and the server at sync (server/forms/validate.py), over all that is stored.
Nothing here keeps anything from being saved. Empty answers are no oddity: the file page asks for those. Computed
when asked, so a line goes when its value is put right or its form changes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from server.office import values
from server.office.conflict_view import whose_of
from server.office.judging import is_demo, judged, withheld
from server.office.pages import render
from server.office.record_file import words_of
from server.office.records import hidden_fields
from server.office.register import Register, load
from server.office.security import account_of, page, registry_of
from server.office.text import language_of
from server.programme import may_write, programme, programme_of, projection_of

CODES = {
    "type": "格式不对",
    "choice": "不在选项里",
    "constraint": "超出常理",
    "id_number": "身份号码不成立",
    "id_birth": "和身份号码的生日不一致",
    "id_sex": "和身份号码的性别不一致",
    "id_demo": "演示号码",
    "phone": "不像电话号码",
    "phone_short": "短号",
    "area": "网格编码不对",
    "too_long": "太长",
    "photo_consent": "没有影像同意",
}
"""What a code is called in the filter; messages of text.py."""
MOST_LINES = 500


@dataclass(frozen=True)
class OddLine:
    """One odd answer. `section` is where it can be changed; '' when it cannot."""

    record: str
    whose: str
    type: str
    field: str
    name: str
    said: str
    message: str
    code: str
    section: str


@page("read_records")
async def odd_values(request: Request) -> Response:
    """The list, by type and by what is odd."""
    account, language = account_of(request), language_of(request)
    types = programme_of(account.village).types
    readable = [it for it in types if projection_of(account.role, it)]
    register = await load(registry_of(request), account.village, *readable)
    demo = is_demo(account.village)
    found = await run_in_threadpool(
        lines,
        register,
        account.role,
        language,
        demo=demo,
        may_edit=request.state.can["edit_records"],
    )
    chosen = {name: request.query_params.get(name, "") for name in ("type", "code")}
    shown = [
        it for it in found if chosen["type"] in ("", it.type) and chosen["code"] in ("", it.code)
    ]
    return render(
        request,
        "odd_values",
        {
            "rows": shown[:MOST_LINES],
            "total": len(shown),
            "all": len(found),
            "chosen": chosen,
            "types": [
                (name, f"{values.type_words(name, language)} {n}")
                for name, n in Counter(it.type for it in found).most_common()
            ],
            "codes": [(name, n) for name, n in Counter(it.code for it in found).most_common()],
            "code_words": CODES,
        },
    )


def lines(
    register: Register, role: str, language: str, *, demo: bool, may_edit: bool
) -> list[OddLine]:
    """Every odd answer a role may see, in the order of the programme's types."""
    order = {name: place for place, name in enumerate(programme().types)}
    rows = sorted(register.rows.values(), key=lambda row: (order.get(row.type, 0), row.id))
    found: list[OddLine] = []
    known = judged(rows, register, demo=demo)
    for row in rows:
        hidden = hidden_fields(role, row.type)
        kind = programme().types[row.type]
        is_open = may_edit and kind.kind == "entity" and may_write(role, row.type)
        for odd in (*known[row.id], *withheld(row, register)):
            field = kind.fields.get(odd.within.partition("/")[0] or odd.field)
            if field is None or field.name in hidden:
                continue
            found.append(
                OddLine(
                    record=row.id,
                    whose=whose_of(row.id, register, language),
                    type=row.type,
                    field=values.label(field, language),
                    name=field.name,
                    said=words_of(row.fields.get(field.name), field, register, language),
                    message=values.label(odd.message, language),
                    code=odd.code,
                    section=field.section if is_open else "",
                )
            )
    return found
