"""Which answers of a record are pictures and recordings, and whether a picture may be shown.

A picture in a record about a child needs the guardian's consent to photos (`photo_consent` of the child's file,
where anybody's N wins). Without it the record is kept as it came, and nobody is shown the picture. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from server.forms import Finding, Label
from server.forms.media import ENDINGS, is_attachment
from server.programme.model import Field, RecordType

CONSENT = "photo_consent"
WITHHELD = Label(
    "没有影像同意，照片先不显示。请问监护人：同意就在孩子档案里记下，不同意就更正这条记录",
    "No consent to photos, so the picture is not shown. Ask the guardian: note a yes in the child's file, or correct this record",
)


class Attached(NamedTuple):
    """One answer that is an attachment. `path` is its field, in a repeat `members/k3f9/photo`."""

    path: str
    field: Field
    name: str


def attached(kind: RecordType, fields: Mapping[str, Any]) -> Iterator[Attached]:
    """The attachments a record names, in the order of its form; `kind` is the form it was written with."""
    for it in kind.fields.values():
        yield from _answer(it, fields, "")
        entries = fields.get(it.name) if it.type == "repeat" else None
        for entry, said in sorted(entries.items()) if isinstance(entries, Mapping) else ():
            if isinstance(said, Mapping):
                for inner in it.fields:
                    yield from _answer(inner, said, f"{it.name}/{entry}/")


def _answer(it: Field, answers: Mapping[str, Any], before: str) -> Iterator[Attached]:
    name = answers.get(it.name)
    if it.type in ENDINGS and is_attachment(name, it.type):
        yield Attached(f"{before}{it.name}", it, str(name))


def pictured_child(type_name: str, id: str, fields: Mapping[str, Any]) -> str:
    """The child whose consent a picture of this record needs; "" for a record about a household or a place."""
    return id if type_name == "child" else str(fields.get("child_id") or "")


def consents(fields: Mapping[str, Any], contested: Mapping[str, Sequence[Any]]) -> bool:
    """Whether a child's file says yes to photos, and nobody said otherwise."""
    said = [fields.get(CONSENT), *contested.get(CONSENT, ())]
    return all(it == "Y" for it in said)


def unconsented(kind: RecordType, fields: Mapping[str, Any]) -> list[Finding]:
    """What is said of each picture of a record when the consent is not there."""
    return [
        Finding(it.path.rpartition("/")[2], CONSENT, WITHHELD, it.path.rpartition("/")[0])
        for it in attached(kind, fields)
        if it.field.type == "image"
    ]
