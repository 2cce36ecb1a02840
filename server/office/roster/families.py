"""Which rows are the same child, and which children make one household.

One household is what shares, in one grid, the first of these that a row has:
the household number (户号); the head's name (and the address, where the same head's rows name several);
an address with a house number; both parents' names; the main carer's name. A row with none of
these, but a grown-up, is a household of its own; a row without any grown-up is refused.
"""

import re
from collections import defaultdict

from server.names import pinyin
from server.office.roster.cells import fold
from server.office.roster.entry import Entry, Note, add_phones
from server.office.roster.identity import is_sound
from server.office.roster.known import other_birth, other_number, surely_same_birth
from server.office.roster.preview import Difference, Twin

Key = tuple[str, ...]
_HOUSE_NUMBER = re.compile(r"\d+(号|户|栋|室|-\d+)|[一二三四五六七八九十]+号")


def household_keys(entries: list[Entry], grids: dict[str, str]) -> dict[str, Key]:
    """The key of each row's household by the row's place; rows with one key live together."""
    addresses: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entry in entries:
        head, address = str(entry.household.get("head_name", "")), _address(entry)
        if head and address:
            addresses[grids[entry.place], head].add(address)
    return {entry.place: _key(entry, grids[entry.place], addresses) for entry in entries}


def _key(entry: Entry, grid: str, addresses: dict[tuple[str, str], set[str]]) -> Key:
    number = str(entry.household.get("household_no", ""))
    if number:
        return ("number", grid, number)
    head = str(entry.household.get("head_name", ""))
    if head:
        several = len(addresses[grid, head]) > 1
        return ("head", grid, head, _address(entry) if several else "")
    address = _address(entry)
    if _HOUSE_NUMBER.search(address):
        return ("address", grid, address)
    father = entry.father.name if entry.father else ""
    mother = entry.mother.name if entry.mother else ""
    if father and mother:
        return ("parents", grid, father, mother)
    if entry.carers:
        return ("carer", grid, entry.carers[0].name)
    return ("row", entry.place)


def _address(entry: Entry) -> str:
    return fold(str(entry.household.get("address", "")))


def join_twins(entries: list[Entry], keys: dict[str, Key]) -> tuple[list[Entry], list[Twin]]:
    """The rows without those that repeat an earlier child; the earlier row takes what it lacks.

    A sound identity number on two names is a mistake nobody here can settle: the later row is
    refused.
    """
    kept: list[Entry] = []
    twins: list[Twin] = []
    by_number: dict[str, Entry] = {}
    by_name: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        number, name = str(entry.child.get("id_number", "")), str(entry.child["name"])
        first = by_number.get(number) if is_sound(number) else None
        reason = "id"
        if first is not None and pinyin(str(first.child["name"])) != pinyin(name):
            entry.refused.append(Note("id_shared", "", {"name": first.name, "row": str(first.row)}))
            continue
        if first is None:
            first, reason = _same_name(entry, by_name[name], keys)
        if first is not None:
            twins.append(_absorb(first, entry, reason))
            continue
        kept.append(entry)
        by_name[name].append(entry)
        if is_sound(number):
            by_number[number] = entry
    return kept, twins


def _same_name(
    entry: Entry, earlier: list[Entry], keys: dict[str, Key]
) -> tuple[Entry | None, str]:
    for first in earlier:
        if other_number(first.child, entry.child):
            continue
        same_house = keys[first.place] == keys[entry.place]
        if same_house and not other_birth(first.child, entry.child):
            return first, "name_household"
        if surely_same_birth(first.child, entry.child):
            return first, "name_birth"
    return None, ""


def _absorb(first: Entry, second: Entry, reason: str) -> Twin:
    differs: list[Difference] = []
    for kind in ("child", "household"):
        mine, theirs = getattr(first, kind), getattr(second, kind)
        for name, value in theirs.items():
            if name not in mine:
                mine[name] = value
            elif mine[name] != value:
                differs.append(Difference(kind, name, mine[name], value))
    for part in ("father", "mother", "head"):
        if getattr(first, part) is None:
            setattr(first, part, getattr(second, part))
    known = {adult.name for adult in first.carers}
    first.carers += [adult for adult in second.carers if adult.name not in known]
    for part, mine_adult in first.adults():
        for other_part, adult in second.adults():
            if adult.name != mine_adult.name:
                continue
            add_phones(mine_adult.person, adult.person.get("phones", ()))
            for name, value in adult.person.items():
                mine_adult.person.setdefault(name, value)
            for name, value in adult.link.items() if part == other_part else ():
                mine_adult.link.setdefault(name, value)
    return Twin(second.sheet, second.row, second.name, first.row, first.sheet, reason, differs)
