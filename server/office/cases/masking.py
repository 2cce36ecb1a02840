"""What in a text gives somebody away: names, numbers, days, places. Pure.

`sure` words are known from the register or have a form nothing harmless has; while one is left in, a case does not go
out. `maybe` words are only shown to whoever reads the text over.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from server.office import values
from server.office.register import Register, text_of
from server.registry import Row

Kind = Literal["name", "number", "day", "place"]

TITLES = "老师|大叔|大爷|大娘|大婶|大妈|妈妈|爸爸|奶奶|爷爷|阿姨|叔叔|同学|书记|主任|干部|网格|党员|医生|校长|家"
_DAYS = re.compile(
    r"\d{2,4}\s*[-/.年]\s*\d{1,2}(?:\s*[-/.月]\s*\d{1,2})?\s*[日号]?|\d{1,2}\s*月\s*\d{1,2}\s*[日号]?"
    r"|[〇零一二三四五六七八九十]{1,4}月[初一二三四五六七八九十]{1,3}[日号]?|\d{4}\s*年|[〇零一二三四五六七八九]{4}年"
)
_NUMBERS = re.compile(r"\d(?:[\s-]?\d){3,}[\dXx]?")
_BETWEEN = r"[\s·.]*"
_GAPS = re.compile(r"[\s·.]+")
_PLACE = "省|市|县|区|镇|乡|村|组|寨|屯"
_MAYBE = re.compile(
    rf"[一-龥]{{1,4}}(?<![的在个到回各本全某这那每我去进出了里们别是])(?:{_PLACE}|小学|中学|学校|幼儿园|医院|工厂|公司)"
    r"|\d{1,2}\s*月|[一二三四五六七八九]年级|\d班|\d{2,3}\s*(?:公?斤|厘米)"
)
_PIECE = re.compile(rf"([一-龥]{{2,6}}?)(?:{_PLACE})")
ADDRESSES = {
    "household": ("address", "hukou_address", "location_hint"),
    "parent_link": ("work_address", "work_unit"),
    "place": ("name", "address"),
    "contact": ("name", "address"),
    "grid": ("name",),
    "child": ("school_name",),
    "helper": ("unit",),
}
SPOKEN = frozenset(
    [
        "学校",
        "小学",
        "中学",
        "幼儿园",
        "家里",
        "村里",
        "在家",
        "村委会",
        "村委",
        "村两委",
        "村小学",
        "妇联",
        "团委",
        "卫生室",
        "派出所",
        "之家",
        "农村",
        "乡镇",
    ]
)
"""Too common to give anybody away."""


@dataclass(frozen=True, slots=True)
class Found:
    """A word that gives somebody away, as it stands in the text."""

    kind: Kind
    word: str


class Words:
    """Words to be found in a text however they are spaced, and what stands in the place of each. However many there are,
    a text is looked through in the time its own length takes."""

    def __init__(self, instead: Mapping[str, str]) -> None:
        self.instead = instead
        self._by_close: dict[str, list[str]] = {}
        for word in instead:
            self._by_close.setdefault(_close(plain(word)), []).append(word)
        self._lengths = sorted({len(it) for it in self._by_close if it})

    def there(self, said: str) -> list[str]:
        """The words a text has, the longest first."""
        close = _close(said)
        pieces = {
            close[at : at + length]
            for length in self._lengths
            for at in range(len(close) - length + 1)
        }
        found = [word for it in pieces & self._by_close.keys() for word in self._by_close[it]]
        return sorted(found, key=lambda it: (-len(it), it))


@dataclass(frozen=True)
class Known:
    """What the register knows. `surnames` are those of who is around the child."""

    names: Words
    places: Words
    surnames: frozenset[str]


def known_of(register: Register, child: Row, village_name: str) -> Known:
    """Everybody and every place of the register, and how those around the child are called instead. Reads all of it, and
    nothing that is worked out of it: so it may run in a thread."""
    around = _around(register, child)
    names: dict[str, str] = {}
    for row in register.rows.values():
        instead = around.get(row.id, "某人")
        for word in _names(row):
            names.setdefault(word, instead)
    for id, instead in around.items():
        for word in _names(register.rows[id]):
            names[word] = instead
            # A given name alone is how people speak of somebody near.
            if len(word) >= 3:
                names.setdefault(word[1:], instead)
    for row in register.rows.values():
        author = text_of(row.fields, "recorded_by")
        if len(author) >= 2:
            names.setdefault(author, "记录人")
    surnames = {word[0] for id in around for word in _names(register.rows[id])}
    places = {it: "某地" for whole in (village_name, *_places(register)) for it in _pieces(whole)}
    return Known(Words(names), Words(places), frozenset(surnames))


def _around(register: Register, child: Row) -> dict[str, str]:
    """Those around a child: id -> what they are to it."""
    found = {child.id: "这个孩子"}
    for row in register.people_of(text_of(child.fields, "household_id")):
        found.setdefault(row.id, "家人" if row.type == "person" else "家里另一个孩子")
    for link in register.pointing("guardianship", "child_id", child.id):
        found[text_of(link.fields, "carer_id")] = "照护人"
    for link in register.pointing("parent_link", "child_id", child.id):
        is_father = link.fields.get("relation") in ("51", "57")
        found[text_of(link.fields, "parent_id")] = "父亲" if is_father else "母亲"
    for pairing in register.pointing("pairing", "child_id", child.id):
        found[text_of(pairing.fields, "helper_id")] = "帮扶人"
    return {id: words for id, words in found.items() if id in register.rows}


def _names(row: Row) -> Iterator[str]:
    if row.type not in ("child", "person", "helper", "household", "org_role", "donor"):
        return
    former = row.fields.get("former_name") or ()
    several = former if isinstance(former, list) else [former]
    for word in (row.fields.get("name"), row.fields.get("head_name"), *several,
                 row.fields.get("head_teacher"), row.fields.get("leader_name")):  # fmt: skip
        if isinstance(word, str) and len(word.strip()) >= 2:
            yield word.strip()


def _places(register: Register) -> Iterator[str]:
    for type_name, fields in ADDRESSES.items():
        for row in register.kind(type_name):
            for name in fields:
                value = row.fields.get(name)
                for word in value if isinstance(value, list) else [value]:
                    if isinstance(word, str):
                        yield word.strip()
    for row in register.kind("parent_link"):
        yield values.code_label("work_area", row.fields.get("work_area_code"), "zh")


def _pieces(place: str) -> Iterator[str]:
    """A place, and the places it lies in: of 禾溪镇青禾村 also 禾溪镇, 禾溪, 青禾村 and 青禾."""
    found = [place, *(word for it in _PIECE.finditer(place) for word in (it[0], it[1]))]
    yield from (it for it in found if len(it) >= 2 and it not in SPOKEN)


def plain(text: str) -> str:
    """A text with its digits and letters in their usual form, so that ０ is found as 0."""
    return unicodedata.normalize("NFKC", text)


def masked(text: str, known: Known) -> str:
    """A text in which everything known is replaced."""
    said = plain(text)
    for words in (known.names, known.places):
        for word in words.there(said):
            said = re.sub(_spread(word), words.instead[word], said)
    said = _DAYS.sub("某日", said)
    said = _NUMBERS.sub("（号码）", said)
    return _titled(known).sub(r"某\2", said) if known.surnames else said


def sure(text: str, known: Known) -> list[Found]:
    """What gives somebody away, in the order it is found, each once."""
    said = plain(text)
    found: list[Found] = []
    kinds: Iterable[tuple[Kind, Words]] = (
        ("name", known.names), ("place", known.places),
    )  # fmt: skip
    for kind, words in kinds:
        for word in words.there(said):
            found += [Found(kind, it[0]) for it in re.finditer(_spread(word), said)]
            said = re.sub(_spread(word), "\n", said)  # what is part of a longer word is said once
    if known.surnames:
        found += [Found("name", it[0]) for it in _titled(known).finditer(said)]
    found += [Found("day", it[0]) for it in _DAYS.finditer(said)]
    found += [Found("number", it[0]) for it in _NUMBERS.finditer(said)]
    return list(dict.fromkeys(found))


def maybe(text: str) -> list[str]:
    """What may give somebody away and is to be looked at."""
    return list(dict.fromkeys(it[0] for it in _MAYBE.finditer(plain(text))))


def _close(text: str) -> str:
    """A text without the gaps between its signs."""
    return _GAPS.sub("", text)


def _spread(word: str) -> str:
    """A word however it is spaced: 谷 小满 is 谷小满."""
    return _BETWEEN.join(map(re.escape, _close(plain(word))))


def _titled(known: Known) -> re.Pattern[str]:
    """A surname before a title: 江老师, 石奶奶."""
    return re.compile(rf"([{re.escape(''.join(sorted(known.surnames)))}])({TITLES})")
