"""The grown-ups of a row: father, mother, carers, and the head of the household.

One cell may name two carers (爷爷、奶奶 beside 谷大叔甲、李大婶乙): the first is the main one. A carer
who bears the father's name is the father.
"""

import re

from server.office.roster.cells import fold, is_name, names_of, shown, tidy
from server.office.roster.context import Context
from server.office.roster.entry import Adult, Entry, add_phones
from server.office.roster.people import (
    phones_of,
    put_choice,
    put_day,
    put_identity,
    put_text,
    read_name,
)
from server.office.roster.relations import is_relation_word, read_relation
from server.office.roster.sheet import Value

_PARENTS = {"father": ("51", "1"), "mother": ("52", "2")}
_AT_HOME = re.compile(r"^(在家|家中|家里|务农|在家务农|本村|本地|本乡|本镇|未外出|没外出|家)")
_GONE = re.compile(r"去世|已故|亡|病故|死|失踪|失联|出走|下落不明|服刑|坐牢")


def put_adults(context: Context, entry: Entry) -> None:
    """Fills in the grown-ups of the row."""
    together = names_of(context.value("parents.name"))
    for part in _PARENTS:
        setattr(entry, part, _parent(context, part))
    if len(together) == 1:
        # 方大哥甲 石大姐乙: a space parts two names only where both pieces are long enough.
        pieces = tidy(context.value("parents.name")).split(" ")
        if len(pieces) == 2 and min(map(len, pieces)) > 1:
            together = [(piece, "") for piece in pieces]
    if together:
        _put_together(context, entry, [name for name, _ in together])
    _put_parents_cells(context, entry)
    entry.carers = _carers(context, entry)
    entry.head = _head(context, entry) or entry.head
    _put_contact(context, entry)


def _parent(context: Context, part: str) -> Adult | None:
    code, sex = _PARENTS[part]
    raw = context.value(f"{part}.name")
    if raw is not None and (_GONE.fullmatch(fold(raw)) or is_relation_word(raw)):
        name, remark = "", fold(raw)
    else:
        name, remark = read_name(context, f"{part}.name", raw)
    adult = Adult({"name": name, "sex": sex} if name else {}, {"relation": code})
    _put_alive(context, adult, part, remark)
    if not name:
        # Nobody can be made of a phone without a name; that the parent is gone is still a fact.
        return Adult({}, {"gone": True}) if adult.person.get("alive") in ("N", "L") else None
    _put_person(context, adult, part)
    adult.person["sex"] = sex
    _put_work(context, adult, part, context.value(f"{part}.work_address"))
    return adult


def _put_alive(context: Context, adult: Adult, part: str, remark: str) -> None:
    put_choice(context, adult.person, f"{part}.alive", "person", "alive")
    where = fold(context.value(f"{part}.work_address"))
    for word in (remark, where):
        if word and _GONE.search(word):
            lost = re.search(r"失踪|失联|出走|下落不明", word)
            adult.person["alive"] = "L" if lost else "Y" if re.search("服刑|坐牢", word) else "N"
            adult.link["gone"] = True


def _put_person(context: Context, adult: Adult, part: str) -> None:
    if put_identity(context, adult.person, part) is not None:
        context.warn("not_a_day", f"{part}.birth_date")
    phones = phones_of(context, f"{part}.phones")
    if phones:
        adult.person["phones"] = phones
    put_choice(context, adult.person, f"{part}.health", "person", "health")
    put_choice(context, adult.person, f"{part}.education", "person", "education")
    put_text(context, adult.person, f"{part}.occupation", "occupation")


def _put_work(context: Context, adult: Adult, part: str, place: Value) -> None:
    put_choice(context, adult.link, f"{part}.away", "parent_link", "away")
    put_text(context, adult.link, f"{part}.work_unit", "work_unit")
    put_day(context, adult.link, f"{part}.away_since", "away_since", "month")
    put_day(context, adult.link, f"{part}.next_home_on", "next_home_on", ahead=True)
    put_choice(context, adult.link, f"{part}.home_habit", "parent_link", "home_habit")
    put_choice(context, adult.link, f"{part}.contact_frequency", "parent_link", "contact_frequency")
    _put_place(context, adult, tidy(place))


def _put_place(context: Context, adult: Adult, place: str) -> None:
    if not place or adult.link.get("gone"):
        return
    if _AT_HOME.match(place):
        adult.link.setdefault("away", "H")
        return
    adult.link.setdefault("away", "A")
    adult.link.setdefault("work_address", place)
    area = context.choices.area(place)
    if area:
        adult.link.setdefault("work_area_code", area)


def _put_together(context: Context, entry: Entry, names: list[str]) -> None:
    """父母姓名 in one cell: the father is written first. One name alone says nobody's part.

    A single 家长 is kept as the head of the household, the one thing that is sure.
    """
    if len(names) == 2:
        for (part, (code, sex)), name in zip(_PARENTS.items(), names, strict=True):
            if getattr(entry, part) is None:
                setattr(entry, part, Adult({"name": name, "sex": sex}, {"relation": code}))
        return
    if any(parent and parent.name in names for parent in (entry.father, entry.mother)):
        return
    context.warn("parent_unclear", "parents.name", word="、".join(names))
    if len(names) == 1 and is_name(names[0]) and context.value("household.head_name") is None:
        phones = phones_of(context, "parents.phones")
        entry.household["head_name"] = names[0]
        entry.head = Adult({"name": names[0], "phones": phones}) if phones else None


def _put_parents_cells(context: Context, entry: Entry) -> None:
    """Columns for both parents at once: phones in order, places by 父/母 or for both."""
    parents = [adult for adult in (entry.father, entry.mother) if adult and adult.name]
    if not parents:
        return
    phones = phones_of(context, "parents.phones")
    for place, phone in enumerate(phones):
        adult = parents[min(place, len(parents) - 1)]
        add_phones(adult.person, [phone])
    pieces = re.split(r"[;；\n、/]", shown(context.value("parents.work_address")))
    for piece in filter(None, map(tidy, pieces)):
        said = re.match(r"^(父亲?|爸爸?|母亲?|妈妈?)[:：在]?(.*)$", piece)
        for adult in parents:
            letter = "父爸" if adult.link.get("relation") == "51" else "母妈"
            if said is None or said[1][0] in letter:
                _put_place(context, adult, said[2] if said else piece)
    for adult in parents:
        put_choice(context, adult.link, "parents.away", "parent_link", "away")
        put_text(context, adult.link, "parents.work_unit", "work_unit")
        put_choice(context, adult.link, "parents.home_habit", "parent_link", "home_habit")
        put_text(context, adult.person, "parents.occupation", "occupation")


def _carers(context: Context, entry: Entry) -> list[Adult]:
    raw = context.value("carer.name")
    words = re.split(r"[、,，;；/\n]|和", shown(context.value("carer.relation")))
    words = [word for word in map(fold, words) if word]
    if raw is not None and is_relation_word(raw):
        return _carer_by_relation(context, entry, raw)
    names = [name for name, _ in names_of(raw)]
    carers: list[Adult] = []
    for place, name in enumerate(names[:4]):
        name, _ = read_name(context, "carer.name", name)
        if not name:
            continue
        adult = Adult({"name": name})
        if place == 0:
            _put_person(context, adult, "carer")
            put_choice(context, adult.link, "carer.basis", "guardianship", "basis")
            put_choice(context, adult.link, "carer.capacity", "guardianship", "capacity")
            put_day(context, adult.link, "carer.valid_from", "valid_from")
        word = words[place] if place < len(words) else words[0] if len(words) == 1 else ""
        _put_relation(context, entry, adult, word)
        carers.append(_same_as_parent(entry, adult))
    if words and not names and raw is None:
        return _carer_by_relation(context, entry, words[0])
    return carers


def _put_relation(context: Context, entry: Entry, adult: Adult, word: str) -> None:
    sex = str(adult.person.get("sex", ""))
    if not word:
        for part, (code, _) in _PARENTS.items():
            parent = getattr(entry, part)
            if parent is not None and parent.name == adult.name:
                word = code
    relation = read_relation(word, sex) if word else None
    if relation is None:
        if word:
            context.not_known("carer.relation", word)
        return
    if not relation.sure:
        context.warn("relation_unclear", "carer.relation", word=word)
    adult.link["relation"] = relation.code
    adult.link["carer_kind"] = relation.carer_kind
    if relation.sex:
        adult.person.setdefault("sex", relation.sex)


def _same_as_parent(entry: Entry, adult: Adult) -> Adult:
    """The carer shares the parent's fields when both cells name one person."""
    for part in _PARENTS:
        parent = getattr(entry, part)
        if parent is not None and parent.name == adult.name:
            told = adult.person.get("phones", ())
            parent.person = {**adult.person, **parent.person}
            add_phones(parent.person, told)
            return Adult(parent.person, adult.link)
    return adult


def _carer_by_relation(context: Context, entry: Entry, raw: Value) -> list[Adult]:
    """监护人: 母亲. With the mother in her own column that is enough; else nobody is named."""
    relation = read_relation(raw)
    parent = {"51": entry.father, "52": entry.mother}.get(relation.code if relation else "")
    if relation is None or parent is None or not parent.name:
        context.warn("carer_unnamed", "carer.name", word=shown(raw)[:20])
        return []
    phones = phones_of(context, "carer.phones")
    if phones and not parent.person.get("phones"):
        parent.person["phones"] = phones
    link = {"relation": relation.code, "carer_kind": relation.carer_kind}
    return [Adult(parent.person, dict(link))]


def _head(context: Context, entry: Entry) -> Adult | None:
    name, _ = read_name(context, "household.head_name", context.value("household.head_name"))
    if not name:
        return None
    entry.household["head_name"] = name
    adult = Adult({"name": name})
    _put_person(context, adult, "head")
    for _, other in entry.adults():
        if other.name == name:
            other.person.update({k: v for k, v in adult.person.items() if k not in other.person})
            return None
    # A head known by nothing but the name is a word on the household, not yet a person.
    return adult if len(adult.person) > 1 else None


def _put_contact(context: Context, entry: Entry) -> None:
    """A phone column that names nobody: the first carer's, else a parent's, else by the child."""
    phones = phones_of(context, "contact.phones")
    if not phones:
        return
    for _, adult in sorted(entry.adults(), key=lambda pair: pair[0] != "carer"):
        if adult.name:
            add_phones(adult.person, phones)
            return
    entry.child.setdefault("phones", [{**phone, "use": "relay"} for phone in phones])
