"""A record as a file: its sections, and for each field who said it, when and from which phone.

Pure: rows, edits and the programme in, what the page shows out. A field's history is the list of all
edits of its keys (`hobby/03` belongs to `hobby`), newest first; nothing that anybody typed is left out.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.forms import Label
from server.forms.media import ENDINGS
from server.office import values
from server.office.register import Register
from server.office.settling import value_of
from server.office.text import translate
from server.programme import Field, RecordType, programme
from server.registry import HistoryEdit, Row

# Long histories of one field are cut on the page; the registry keeps them all.
MOST_LINES = 30
OTHER = Label("其他", "Other")


@dataclass(frozen=True)
class Line:
    """One edit in words. `is_standing`: no later edit has seen and replaced it."""

    said: str
    author: str
    at: int
    device_label: str
    key: str
    rev: int
    is_standing: bool
    is_restorable: bool


@dataclass(frozen=True)
class FieldView:
    """One field on a file page. `base` is the rev a change made from this page goes by."""

    name: str
    field: Any
    said: str
    is_empty: bool
    is_missing: bool
    link: str
    contested_key: str
    history: Sequence[Line]
    origin: Line | None
    base: int
    is_masked: bool
    odd: Sequence[str] = ()
    """What is odd about it, in words."""


@dataclass(frozen=True)
class SectionView:
    name: str
    label: Any
    fields: Sequence[FieldView]
    is_editable: bool


@dataclass(frozen=True)
class FileView:
    id: str
    type: RecordType
    title: str
    is_event: bool
    rev: int
    sections: Sequence[SectionView]
    absorbed: Sequence[str]


def field_of(key: str) -> str:
    """The field a key belongs to: `phones/k3f9` is one entry of `phones`."""
    return key.partition("/")[0]


def said_by(
    edit_key: str,
    value: Any,
    field: Any,
    register: Register,
    language: str,
    *,
    whole: bool = False,
) -> str:
    """One edit's value in words; for an element of a set whether it was put in or taken out."""
    _, slash, element = edit_key.partition("/")
    if not slash:
        return words_of(value, field, register, language, whole=whole)
    if isinstance(value, Mapping):
        if field is not None and field.type == "repeat":
            return values.entries_words({element: value}, field, language)
        return values.phone_words(value, language)
    name = values.code_label(field.list if field else None, element, language)
    if field is not None and field.type == "list":
        return translate(language, "删去一个号码")
    return f"＋ {name}" if value else f"－ {name}"


def words_of(
    value: Any, field: Any, register: Register, language: str, *, whole: bool = False
) -> str:
    """A field in words; a reference is called by the name of what it points to. `whole` as in `shown`."""
    if field is not None and field.ref and isinstance(value, str):
        return register.name_of(register.rows.get(value)) or translate(language, "（不在册）")
    if field is not None and field.name == "grid_code":
        return register.grid_names.get(str(value), str(value or values.UNKNOWN))
    return values.shown(value, field, language, whole=whole)


def lines_of(
    edits: Sequence[HistoryEdit],
    field: Any,
    row: Row,
    register: Register,
    language: str,
    *,
    whole: bool = False,
) -> list[Line]:
    """A field's history in words, newest first."""
    lines = []
    for edit in reversed(edits[-MOST_LINES:]):
        lines.append(
            Line(
                said=said_by(edit.key, edit.value, field, register, language, whole=whole),
                author=edit.author,
                at=edit.at,
                device_label=edit.device_label,
                key=edit.key,
                rev=edit.rev,
                is_standing=edit.maximal,
                # What shows already has nothing to be brought back, and nor has an empty value.
                is_restorable=edit.value is not None and edit.value != value_of(row, edit.key),
            )
        )
    return lines


def view(
    row: Row,
    edits: Sequence[HistoryEdit],
    register: Register,
    language: str,
    *,
    hidden: frozenset[str] = frozenset(),
    missing: frozenset[str] = frozenset(),
    is_editable: bool = False,
    whole: bool = False,
    absorbed: Sequence[str] = (),
    odd: Mapping[str, Sequence[str]] | None = None,
) -> FileView:
    """The file of one record. `hidden` fields are not this role's to see; `missing` ones are asked for;
    `whole` shows secrets unmasked; `absorbed` are the records merged into this one; `odd` says
    by field what breaks a rule of the form."""
    record_type = programme().form_of(row.type, row.fields) or programme().types[row.type]
    histories: dict[str, list[HistoryEdit]] = defaultdict(list)
    for edit in edits:
        histories[field_of(edit.key)].append(edit)
    contested: dict[str, str] = {}
    for key in row.contested:
        contested.setdefault(field_of(key), key)

    def field_view(name: str, field: Field | None) -> FieldView:
        value = row.fields.get(name)
        lines = lines_of(histories.get(name, []), field, row, register, language, whole=whole)
        # Whoever said what shows: of several standing values that need not be the latest.
        standing = sorted(
            (line for line in lines if line.is_standing), key=lambda line: line.is_restorable
        )
        return FieldView(
            name=name,
            field=field or Label(name, name),
            said=words_of(value, field, register, language, whole=whole),
            is_empty=value in (None, "", [], {}),
            is_missing=name in missing,
            link=str(value) if field and field.ref and value in register.rows else "",
            contested_key=contested.get(name, ""),
            history=lines,
            origin=next(iter(standing or lines), None),
            base=row.rev,
            is_masked=values.is_secret(field) and not whole and bool(value or lines),
            odd=(odd or {}).get(name, ()),
        )

    sections = []
    for section in record_type.sections:
        fields = [
            field_view(field.name, field)
            for field in record_type.fields.values()
            if field.section == section.name and field.name not in hidden and is_on_page(field, row)
        ]
        if fields:
            editable = is_editable and any(
                is_typed(record_type.fields[f.name]) for f in fields if f.name not in hidden
            )
            sections.append(SectionView(section.name, section.label, fields, editable))
    unknown = [
        name
        for name in row.fields
        if name not in record_type.fields
        and not name.startswith("name_pinyin")
        and name not in hidden
    ]
    if unknown:
        sections.append(
            SectionView("other", OTHER, [field_view(name, None) for name in unknown], False)
        )
    return FileView(
        id=row.id,
        type=record_type,
        title=register.name_of(row) or values.label(record_type, language),
        is_event=record_type.kind == "event",
        rev=row.rev,
        sections=sections,
        absorbed=absorbed,
    )


def is_typed(field: Field) -> bool:
    """Whether a person types this field: not computed, not a note, not given by the server, not taken with a phone."""
    return not field.derived and field.type not in ("note", "calculate", *ENDINGS)


def is_on_page(field: Field, row: Row) -> bool:
    """Notes are for forms; what the server computes is shown when it is there; pinyin never."""
    if field.type == "note" or field.name == "name_pinyin":
        return False
    return is_typed(field) or field.type in ENDINGS or field.name in row.fields
