"""What is compared of a record, and the keys under which its likes are found.

Keys are blocking keys: two records are compared only if one's `sought` keys meet the other's `kept` ones, so the
work grows with the number of likes and not with the square of the village.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import msgspec
from stdnum.cn import ric

from server.names import pinyin
from server.typed import day

TYPES = ("child", "person", "household", "helper")
LUNAR_LEAST, LUNAR_MOST = 20, 50
"""Days by which a lunar date taken for a solar one lies before it."""
COMPOUND = frozenset(
    {
        *("欧阳", "上官", "诸葛", "司马", "司徒", "夏侯", "皇甫", "尉迟", "公孙", "慕容"),
        *("令狐", "长孙", "宇文", "东方", "端木", "万俟", "澹台", "南宫", "独孤", "西门"),
    }
)
_NUMBER = re.compile(r"^\d{17}[\dX]$")


class Features(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is compared. '' and empty lists where a record does not say. `phones` are of the person, `carers` the
    phones of a child's main carers; `others` are the names of a household's members."""

    name: str = ""
    pinyin: str = ""
    former: str = ""
    sex: str = ""
    birth: str = ""
    """`YYYY-MM-DD`."""
    precision: str = "exact"
    lunar: str = ""
    number: str = ""
    """A sound identity number; an unsound one is no key."""
    grid: str = ""
    household: str = ""
    phones: list[str] = []
    carers: list[str] = []
    carer_ids: list[str] = []
    address: str = ""
    unit: str = ""
    stands_for: str = ""
    """Of a helper, the adult or child of the register."""
    others: list[str] = []


def of_person(
    fields: Mapping[str, Any],
    household: Mapping[str, Any] | None,
    carers: Sequence[tuple[str, Mapping[str, Any]]] = (),
) -> Features:
    """A child's, an adult's or a helper's features. `carers` are (id, fields) of a child's main carers, or of all
    when none is called so."""
    name = _text(fields, "name")
    return Features(
        name=name,
        pinyin=pinyin(name) if name else "",
        former=_text(fields, "former_name"),
        sex=_text(fields, "sex") if _text(fields, "sex") in ("1", "2") else "",
        birth=_day(_text(fields, "birth_date")),
        precision=_text(fields, "birth_approximate") or "exact",
        lunar=_text(fields, "birth_lunar"),
        number=_number(_text(fields, "id_number")),
        grid=_text(household, "grid_code"),
        household=_text(fields, "household_id"),
        phones=_phones(fields),
        carers=sorted({number for _, carer in carers for number in _phones(carer)}),
        carer_ids=sorted({id for id, _ in carers}),
        unit=_folded(_text(fields, "unit")),
        stands_for=_text(fields, "person_id") or _text(fields, "peer_id"),
    )


def of_household(fields: Mapping[str, Any], members: Iterable[Mapping[str, Any]]) -> Features:
    """A household's features: its head, its number, its address and who lives there."""
    head = _text(fields, "head_name")
    return Features(
        name=head,
        pinyin=pinyin(head) if head else "",
        number=_text(fields, "household_no"),
        grid=_text(fields, "grid_code"),
        address=_folded(_text(fields, "address")),
        others=sorted({_text(member, "name") for member in members} - {""}),
    )


def kept_keys(type_name: str, it: Features) -> set[str]:
    """The keys under which a record is found. Each begins with the type: only like is compared with like."""
    keys = _common(it)
    if type_name == "household":
        keys = {f"no:{it.number}"} if it.number else set()
        if it.pinyin:
            keys.add(f"head:{blurred(it.pinyin)}|{it.grid}")
        if it.address:
            keys.add(f"address:{it.grid}|{it.address}")
    else:
        for sound in _sounds(it):
            if it.birth:
                keys.add(f"month:{sound}|{it.birth[:7]}")
    return {f"{type_name} {key}" for key in keys}


def sought_keys(type_name: str, it: Features) -> set[str]:
    """The keys under which a record's likes may be: its own, and the months a lunar date may mean."""
    keys = kept_keys(type_name, it)
    if it.birth and type_name != "household":
        born = date.fromisoformat(it.birth)
        shifts = (LUNAR_LEAST, LUNAR_MOST, -LUNAR_LEAST, -LUNAR_MOST)
        months = {(born + timedelta(days=days)).isoformat()[:7] for days in shifts}
        keys |= {f"{type_name} month:{sound}|{month}" for sound in _sounds(it) for month in months}
    return keys


def carer_key(person: str) -> str:
    """The key under which the children of a carer are found when that carer changes; no child is like it."""
    return f"carer:{person}"


def given_name(name: str, sounds: str) -> str:
    """The pinyin of the name without the surname."""
    syllables = sounds.split()
    return " ".join(syllables[2 if name[:2] in COMPOUND else 1 :])


def blurred(sounds: str) -> str:
    """Pinyin as dialects blur it: zh/z, ch/c, sh/s, ng/n, l/n, f/h fall together."""
    return " ".join(_blurred(syllable) for syllable in sounds.split())


def _blurred(syllable: str) -> str:
    for wide, narrow in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if syllable.startswith(wide):
            syllable = narrow + syllable[2:]
    if syllable.endswith("ng"):
        syllable = syllable[:-1]
    if syllable.startswith("n"):
        syllable = "l" + syllable[1:]
    return "f" + syllable[2:] if syllable.startswith("hu") and len(syllable) > 2 else syllable


def _common(it: Features) -> set[str]:
    keys = {f"number:{it.number}"} if it.number else set()
    given = given_name(it.name, it.pinyin)
    if it.pinyin and it.grid:
        keys.add(f"grid:{it.grid}|{blurred(it.pinyin)}")
    if it.pinyin and not it.grid:  # helpers live in no grid
        keys.add(f"name:{it.pinyin}")
    if it.birth and it.grid:
        keys.add(f"day:{it.grid}|{it.birth}")
    if given:
        keys |= {f"phone:{number}|{given}" for number in it.phones}
        keys |= {f"carer:{number}|{given}" for number in it.carers}
    if it.stands_for:
        keys.add(f"is:{it.stands_for}")
    return keys


def _sounds(it: Features) -> set[str]:
    names = {it.pinyin, pinyin(it.former) if it.former else ""} - {""}
    return {blurred(sounds) for sounds in names}


def _text(fields: Mapping[str, Any] | None, name: str) -> str:
    value = fields.get(name) if fields else None
    return "" if value is None else str(value)


def _day(text: str) -> str:
    """A whole day; a year or a month alone is none."""
    return day(text) or ""


def _number(text: str) -> str:
    """An identity number whose check digit is right, else ''."""
    text = text.upper()
    return text if _NUMBER.match(text) and ric.calc_check_digit(text) == text[-1] else ""


def _phones(fields: Mapping[str, Any]) -> list[str]:
    entries = fields.get("phones") or {}
    if not isinstance(entries, Mapping):
        return []
    numbers = {
        re.sub(r"\D", "", str(it.get("number", "")))
        for it in entries.values()
        if isinstance(it, Mapping)
    }
    return sorted(number for number in numbers if len(number) >= 7)


def _folded(text: str) -> str:
    return re.sub(r"[\s,，。、·\-]", "", unicodedata.normalize("NFKC", text))
