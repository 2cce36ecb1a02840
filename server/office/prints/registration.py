"""农村留守儿童基本情况登记表: the national form of 2016 for each child, boxes ticked, lines left where nobody knows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.office import values
from server.office.pages import today
from server.office.prints.cards import carer_of, work_place
from server.office.prints.kinds import Asked
from server.office.register import text_of
from server.office.text import translate
from server.registry import Row

KIN = {"61": "祖父", "62": "祖母", "63": "外祖父", "64": "外祖母"}
PARENTS = {"father": ("51", "57"), "mother": ("52", "58")}
YES_NO = {"Y": "是", "N": "否"}
NOT_ENTRUSTED = ("FA", "MO", "NONE")
"""Who cares is a parent, or nobody."""
STAGES = ("0", "1", "2", "3", "4", "5", "6", "7")
OF_THE_DEAD = "—"
"""What the form's notes ask for in place of all that was known of a parent."""
OPEN = frozenset({"UNK", "REF", "NONE"})
"""Codes that are no box of the form: nothing is ticked then."""


@dataclass(frozen=True)
class Cell:
    """One question: what is known, or boxes as (words, ticked); with neither it is a line to write on. `wide` takes
    the whole row."""

    words: str
    said: str = ""
    boxes: Sequence[tuple[str, bool]] = ()
    wide: bool = False


@dataclass(frozen=True)
class Block:
    words: str
    cells: Sequence[Cell] = field(default_factory=tuple)


def forms(asked: Asked) -> dict[str, Any]:
    """A form for each child. Identity numbers are masked."""
    return {
        "forms": [{"it": asked.line(it), "blocks": _blocks(it, asked)} for it in asked.children]
    }


def _blocks(child: Row, asked: Asked) -> list[Block]:
    home = asked.register.household_of(child)
    return [
        Block("儿童基本情况", _child(child, home, asked)),
        Block("父母", _parents(child, asked)),
        Block("祖辈", _kin(child, asked)),
        Block("监护情况", _care(child, asked)),
        Block("家庭情况", _family(home, asked)),
    ]


def _child(child: Row, home: Row | None, asked: Asked) -> list[Cell]:
    registered = {"NOREG": "N"}.get(text_of(child.fields, "id_absent_reason"), "")
    if child.fields.get("id_number"):
        registered = "Y"
    disability = [asked.said(child, it) for it in ("disability_kind", "disability_grade")]
    boards = {"1": "N", "2": "Y", "3": "N"}.get(text_of(child.fields, "boarding"), "")
    return [
        Cell("姓名", text_of(child.fields, "name")),
        _coded(asked, "性别", "sex", child, ("1", "2")),
        Cell("民族", asked.said(child, "ethnic")),
        Cell("出生日期", text_of(child.fields, "birth_date")),
        Cell("公民身份号码", asked.said(child, "id_number")),
        _ticked("是否登记户口", YES_NO, {registered}),
        Cell("户籍所在地", asked.said(home, "hukou_address")),
        Cell("现居住地", asked.said(home, "address")),
        _coded(asked, "身体情况", "health", child, ("1", "3", "6")),
        Cell("残疾类别及等级", " ".join(filter(None, disability))),
        Cell("患病类型", asked.said(child, "illness")),
        _ticked("是否学校寄宿", YES_NO, {boards}),
        _coded(asked, "就学情况", "school_stage", child, STAGES, wide=True),
    ]  # fmt: skip


def _parents(child: Row, asked: Asked) -> list[Cell]:
    cells: list[Cell] = []
    links = asked.register.pointing("parent_link", "child_id", child.id)
    for who, codes in PARENTS.items():
        link = next((it for it in links if it.fields.get("relation") in codes), None)
        person = asked.of(link, "parent_id") if link else None
        name = {"father": "父亲姓名", "mother": "母亲姓名"}[who]
        said = [
            asked.register.name_of(person),
            text_of(person.fields, "birth_date") if person else "",
            work_place(link, asked) if link else "",
            asked.phone(person),
            asked.said(person, "id_number"),
        ]
        if person is not None and person.fields.get("alive") == "N":
            said = [OF_THE_DEAD] * len(said)
        asks = (name, "出生日期", "务工地点", "联系电话", "身份号码")
        cells += [
            Cell(words, it, wide=words == "身份号码") for words, it in zip(asks, said, strict=True)
        ]
    fact = text_of(child.fields, "left_behind_fact")
    capacity = text_of(child.fields, "home_parent_capacity")
    unable = _unable(fact, capacity)
    is_known = fact not in ("", *OPEN)
    return [
        *cells,
        _ticked("父母双方同时外出", YES_NO, {("Y" if fact == "B" else "N") if is_known else ""}),
        _ticked("一方外出另一方无监护能力", YES_NO, {unable if is_known else ""}),
        _ticked(
            "无监护能力的是", {"M": "父亲", "F": "母亲"}, {fact if unable == "Y" else ""}, wide=True
        ),
    ]


def _unable(fact: str, capacity: str) -> str:
    """Whether one parent is away and the other cannot care: `Y`, `N`, "" where nobody knows of the other."""
    if fact not in ("F", "M"):
        return "N"
    return {"": "", "UNK": "", "Y": "N"}.get(capacity, "Y")


def _kin(child: Row, asked: Asked) -> list[Cell]:
    """Grandparents as far as they care for the child; the register holds no others."""
    cells = []
    links = asked.register.guardianships(child.id, today())
    for code, words in KIN.items():
        link = next((it for it in links if it.fields.get("relation") == code), None)
        person = asked.of(link, "carer_id") if link else None
        born = text_of(person.fields, "birth_date") if person else ""
        cells.append(Cell(words, " ".join(filter(None, (asked.register.name_of(person), born)))))
    return cells


def _care(child: Row, asked: Asked) -> list[Cell]:
    link, carer = carer_of(child, asked)
    kind = text_of(link.fields, "carer_kind") if link else ""
    entrusted = "" if not kind else "N" if kind in NOT_ENTRUSTED else "Y"
    is_other = entrusted == "Y"
    home = asked.of(carer, "household_id") if carer is not None else None
    return [
        _ticked("有无委托其他监护人", {"Y": "有", "N": "无"}, {entrusted}),
        Cell("受委托人姓名", asked.register.name_of(carer) if is_other else ""),
        Cell("与儿童的关系", asked.said(link, "relation") if is_other else ""),
        Cell("联系电话", asked.phone(carer) if is_other else ""),
        Cell("身份号码", asked.said(carer, "id_number") if is_other else ""),
        Cell("居住地", asked.said(home, "address") if is_other else ""),
        _ticked("监护类型", KINDS, {_kind(child)}, wide=True),
    ]


KINDS = {
    "31": "无人监护", "32": "父或母无监护能力", "33": "受委托监护人监护能力不足", "2": "监护情况一般", "1": "监护情况较好",
}  # fmt: skip


def _kind(child: Row) -> str:
    """The form asks in one question what we keep in two: how well, and if badly, why."""
    assess = text_of(child.fields, "guardian_assess")
    return text_of(child.fields, "guardian_assess_reason") if assess == "3" else assess


def _family(home: Row | None, asked: Asked) -> list[Cell]:
    return [
        _coded(asked, "家庭经济来源", "income_source", home, ("1", "2", "3", "4", "9"), wide=True),
        _coded(asked, "救助帮扶", "welfare", home, ("1", "2", "3", "4", "9"), wide=True),
    ]


def _coded(
    asked: Asked,
    words: str,
    name: str,
    row: Row | None,
    codes: Sequence[str],
    *,
    wide: bool = False,
) -> Cell:
    """Boxes of a list. An answer that the form has no box for is written beside them."""
    value = row.fields.get(name) if row is not None else None
    held = {str(it) for it in (value if isinstance(value, list) else [value]) if it}
    said = {it: values.code_label(name, it, asked.language) for it in (*codes, *sorted(held))}
    boxes = [(values.short(said[it]), it in held) for it in codes]
    rest = [said[it] for it in said if it in held - set(codes) - OPEN]
    return Cell(words, translate(asked.language, "、").join(rest), boxes, wide)


def _ticked(
    words: str, choices: Mapping[str, str], held: Collection[str], *, wide: bool = False
) -> Cell:
    return Cell(words, boxes=[(said, code in held) for code, said in choices.items()], wide=wide)
