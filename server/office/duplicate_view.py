"""Pairs that look alike, in words: how alike, why, why not, and what hangs on each of the two. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.likeness import STRONG, Pair, Reason
from server.office import values
from server.office.register import Register, text_of
from server.office.text import translate
from server.programme import programme
from server.programme.derive import age_on
from server.registry import Origin, Row

FOR = {
    "number": "公民身份号码相同",
    "name": "姓名相同",
    "former": "曾用名或小名对得上（%(said)s）",
    "variant": "姓名同音（%(said)s）",
    "near": "姓名读音相近（%(said)s）",
    "first_name": "名字同音，姓不同",
    "birth_day": "出生日期相同",
    "birth_lunar": "出生日期差 %(said)s 天，像是一个按农历、一个按公历",
    "birth_month": "出生年月相同",
    "birth_unknown": "有一份没写清出生日期",
    "carer_phone": "主要照护人的电话相同（%(said)s）",
    "own_phone": "电话相同（%(said)s）",
    "same_house": "在同一户",
    "same_grid": "在同一网格",
    "household_no": "户号相同",
    "head_name": "户主姓名相同",
    "head_former": "户主姓名对得上",
    "head_variant": "户主姓名同音",
    "head_near": "户主姓名读音相近",
    "address": "地址相同",
    "members": "有同名的家庭成员（%(said)s）",
    "stands_for": "都指向册里的同一个人",
    "unit": "单位相同",
}
AGAINST = {
    "number": "公民身份号码不同",
    "sex": "性别不同",
    "birth": "出生日期差 %(said)s 天",
    "twins": "同一户、同一天生，也可能是双胞胎",
    "members": "家庭成员没有一个同名",
    "unit": "单位不同",
}
SOURCES = {"phone": "手机", "office": "村办公室", "import": "导入", "demo": "示例"}


@dataclass(frozen=True)
class Card:
    """One of the two records, as a list or the head of a column names it."""

    id: str
    name: str
    about: str
    source: str
    at: int
    author: str


@dataclass(frozen=True)
class PairLine:
    href: str
    type: Any
    level: str
    level_words: str
    a: Card
    b: Card
    reasons: Sequence[str]
    against: Sequence[str]


def line_of(
    pair: Pair,
    rows: Mapping[str, Row],
    origins: Mapping[str, Origin],
    register: Register,
    today: str,
    language: str,
) -> PairLine:
    """A pair as a line of the queue. `rows` hold both records."""
    level = level_of(pair.score)
    return PairLine(
        href=f"/office/duplicates/{pair.a}/{pair.b}",
        type=programme().types[pair.type],
        level=level,
        level_words=translate(language, LEVELS[level]),
        a=card(rows[pair.a], origins, register, today, language),
        b=card(rows[pair.b], origins, register, today, language),
        reasons=[reason_words(it, language) for it in pair.reasons if not it.against],
        against=[reason_words(it, language) for it in pair.reasons if it.against],
    )


LEVELS = {"exact": "几乎肯定", "strong": "很像", "medium": "有点像", "none": "不像"}


def level_of(score: int) -> str:
    """`exact` one identity number, `strong`, `medium`; `none` for two records put side by side by hand."""
    if score >= 100:
        return "exact"
    return "strong" if score >= STRONG else "medium" if score else "none"


def reason_words(it: Reason, language: str) -> str:
    """A reason as a sentence; one this version does not know stands as it is."""
    said = (AGAINST if it.against else FOR).get(it.code, it.code)
    return translate(language, said, said=it.said) if "%(" in said else translate(language, said)


def card(
    row: Row, origins: Mapping[str, Origin], register: Register, today: str, language: str
) -> Card:
    """Who it is: name, sex and age, where; and which list or phone it came from."""
    fields = row.fields
    known = programme().types[row.type].fields
    about = []
    if "sex" in known and fields.get("sex"):
        about.append(values.code_label("sex", fields["sex"], language))
    age = age_on(text_of(fields, "birth_date"), today)
    if age is not None:
        about.append(translate(language, "%(n)s 岁", n=age))
    if fields.get("birth_date"):
        about.append(text_of(fields, "birth_date"))
    about.append(register.grid_names.get(register.grid_of(row), ""))
    if row.type == "household":
        about += [text_of(fields, "household_no"), text_of(fields, "address")]
    elif row.type == "helper":
        about.append(text_of(fields, "unit"))
    else:
        household = register.household_of(row)
        about.append(text_of(household.fields, "head_name") if household else "")
    origin = origins.get(row.id)
    return Card(
        id=row.id,
        name=register.name_of(row) or row.id,
        about=" · ".join(filter(None, about)),
        source=source_words(origin, language),
        at=origin.at if origin else 0,
        author=origin.author if origin else "",
    )


def source_words(origin: Origin | None, language: str) -> str:
    """Which list or device a record came from."""
    if origin is None:
        return values.UNKNOWN
    kind = translate(language, SOURCES.get(origin.kind, origin.kind))
    return f"{kind}{translate(language, '：')}{origin.label}"
