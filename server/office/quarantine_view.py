"""An upload that waits for the office, in words: who, why, and what it would change. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.office import values
from server.office.conflict_view import side_words, what_of, whose_of
from server.office.register import Register
from server.office.settling import value_of
from server.office.text import translate
from server.programme import programme
from server.registry import HistoryEdit, Quarantined, Row
from sync import PRESENT

MOST_CHANGES = 60
MOST_RAW = 20_000
MALFORMED = "malformed"
WHY = {
    "revoked": "这部手机已停用，停用以后它传上来的都先放在这里。",
    "out_of_scope": "这份档案不归这个人的手机管，可能是换了网格，或结对已经结束。",
    "not_allowed": "这个人的角色不能改其中的某一项。",
    MALFORMED: "手机传来的内容读不懂，多半是手机端出了故障。原样留着，不能放行。",
}


@dataclass(frozen=True)
class FieldChange:
    """One field. `is_rival`: what stands now was unknown to the phone, so both would stand."""

    what: str
    was: str
    now: str
    is_same: bool
    is_rival: bool


@dataclass(frozen=True)
class RecordChange:
    """What an upload would do to one record. `link` is its page, "" when it is not there yet."""

    type: Any
    whose: str
    link: str
    is_new: bool
    is_removed: bool
    fields: Sequence[FieldChange]


def reason_of(waiting: Quarantined) -> str:
    """One of `WHY`."""
    return MALFORMED if waiting.raw else waiting.reason


def why(waiting: Quarantined, language: str) -> str:
    """Why it waits, as a sentence; a reason this version does not know stands as it is."""
    reason = reason_of(waiting)
    return translate(language, WHY.get(reason, reason))


def changes_of(
    waiting: Quarantined,
    rows: Mapping[str, Row],
    histories: Mapping[str, Sequence[HistoryEdit]],
    register: Register,
    language: str,
) -> list[RecordChange]:
    """Record by record what would change. `rows` and `histories` are those of the records named in it."""
    widened = with_made(waiting, rows, register)
    return [
        _change(change, rows.get(change["record"]), histories, widened, language)
        for change in waiting.changes[:MOST_CHANGES]
    ]


def gist(waiting: Quarantined, rows: Mapping[str, Row], register: Register, language: str) -> str:
    """What it is about, in one line: the first record and how many fields."""
    if not waiting.changes:
        return ""
    first, widened = waiting.changes[0], with_made(waiting, rows, register)
    record = rows[first["record"]].id if first["record"] in rows else first["record"]
    kind = _type_words(first["type"], language)
    whose = whose_of(record, widened, language)
    fields = sum(key != PRESENT for change in waiting.changes for key in change["set"])
    about = kind if whose == kind else f"{kind} · {whose}"
    return translate(language, "%(about)s，%(n)s 项", about=about, n=fields)


def with_made(waiting: Quarantined, rows: Mapping[str, Row], register: Register) -> Register:
    """The register with the records that the upload names and the lists do not hold, so that they can be
    called by name: those it would make, and those that were removed."""
    found = {row.id: row for row in rows.values()}
    for change in waiting.changes:
        id = change["record"]
        if id not in rows:
            held = found[id].fields if id in found else {}
            plain = {key: value for key, value in change["set"].items() if "/" not in key}
            found[id] = Row(id, change["type"], 0, "", {**held, **plain}, {})
    return Register.of({**found, **register.rows}.values())


def _change(
    change: Mapping[str, Any],
    row: Row | None,
    histories: Mapping[str, Sequence[HistoryEdit]],
    register: Register,
    language: str,
) -> RecordChange:
    record = row.id if row else change["record"]
    kind = _type_words(change["type"], language)
    whose = whose_of(record, register, language)
    return RecordChange(
        type=programme().types.get(change["type"], change["type"]),
        whose="" if whose == kind else whose,
        link=record if row and row.type in programme().types else "",
        is_new=row is None,
        is_removed=change["set"].get(PRESENT) is False,
        fields=[
            _field(key, value, change, row, histories.get(change["record"], ()), register, language)
            for key, value in _in_order_of_the_form(change)
        ],
    )


def _in_order_of_the_form(change: Mapping[str, Any]) -> list[tuple[str, Any]]:
    known = programme().types.get(change["type"])
    order = {name: place for place, name in enumerate(known.fields)} if known else {}
    edits = [(key, value) for key, value in change["set"].items() if key != PRESENT]
    return sorted(edits, key=lambda edit: order.get(edit[0].partition("/")[0], len(order)))


def _field(
    key: str,
    value: Any,
    change: Mapping[str, Any],
    row: Row | None,
    history: Sequence[HistoryEdit],
    register: Register,
    language: str,
) -> FieldChange:
    def said(it: Any) -> str:
        return side_words(change["type"], key, it, register, language)

    held = value_of(row, key) if row else None
    # An element that is not in says "no"; before its record is there, nothing.
    unseen = [e for e in history if e.key == key and e.maximal and e.rev > change["base"]]
    return FieldChange(
        what=what_of(change["type"], key, language),
        was=said(held) if row else values.UNKNOWN,
        now=said(value),
        is_same=row is not None and held == value,
        is_rival="/" not in key and any(e.value != value for e in unseen),
    )


def _type_words(name: str, language: str) -> str:
    kind = programme().types.get(name)
    return values.label(kind, language) if kind else name
