"""The villages' own forms as they are kept: a form, its versions, one draft at most beside them.

`known` makes the programme know a village's forms and rules wherever the village's row has just been read: that row
carries a stamp, so that every process notices a change with no statement of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, func, select, true, update

from server.database import Work, ask
from server.database import schema as s
from server.database.statement import any_of, insert_new, upsert
from server.programme import OwnForm, forms_stamp, install

from .ids import now_ms, short_id
from .statements import LOCK_VILLAGE, here, of
from .village_rules import SET_STAMP, settings

_FORMS = of(s.own_form, "name", "subject", "volunteer", "grids", "reached", "retired_at").order_by(
    s.own_form.c.name
)
_VERSIONS = of(
    s.own_form_version, "name", "version", "form", "filename", "uploaded_at", "uploaded_by",
    "published_at",
).order_by(s.own_form_version.c.name, s.own_form_version.c.version)  # fmt: skip
_PUBLISHED = of(s.own_form_version, "name", "version", "form").where(
    s.own_form_version.c.published_at > 0
)
_ONE = s.own_form_version.c.name == bindparam("of_name")
_XFORM = of(s.own_form_version, "xform").where(
    _ONE, s.own_form_version.c.version == bindparam("number")
)
_COUNTS = (
    select(s.record.c.type, func.count())
    .where(
        here(s.record), s.record.c.present == true(), any_of(s.record.c.type, "types"),
        s.record.c.alias_of == "",
    )
    .group_by(s.record.c.type)
)  # fmt: skip
_NEW_FORM = insert_new(s.own_form)
_PUT_VERSION = upsert(s.own_form_version)
_DROP_DRAFT = delete(s.own_form_version).where(
    here(s.own_form_version), _ONE, s.own_form_version.c.published_at == 0
)
_DROP_FORM = delete(s.own_form).where(here(s.own_form), s.own_form.c.name == bindparam("of_name"))
_PUBLISH = (
    update(s.own_form_version)
    .where(here(s.own_form_version), _ONE, s.own_form_version.c.version == bindparam("number"))
    .values(published_at=bindparam("now"))
)
_SET_FORM = (
    update(s.own_form)
    .where(here(s.own_form), s.own_form.c.name == bindparam("of_name"))
    .values(
        grids=bindparam("new_grids"), reached=bindparam("new_reached"), retired_at=bindparam("at")
    )
)
_SET_DRAFTS_FORM = (
    update(s.own_form)
    .where(here(s.own_form), s.own_form.c.name == bindparam("of_name"))
    .values(subject=bindparam("new_subject"), volunteer=bindparam("new_volunteer"))
)


class FormVersion(msgspec.Struct, frozen=True):
    """One version of an own form; `published_at` is 0 for a draft."""

    number: int
    form: dict[str, Any]
    filename: str
    uploaded_at: int
    uploaded_by: str
    published_at: int


class KeptForm(msgspec.Struct, frozen=True):
    """An own form as the office keeps it. `grids` none: all; `retired_at` 0: not retired."""

    name: str
    subject: str
    volunteer: bool
    grids: list[str]
    retired_at: int
    versions: list[FormVersion]

    @property
    def draft(self) -> FormVersion | None:
        return next((it for it in self.versions if not it.published_at), None)

    @property
    def published(self) -> list[FormVersion]:
        """The oldest first."""
        return [it for it in self.versions if it.published_at]


def known(village: str, stamp: str) -> Work[None]:
    """Make the programme know a village's forms and rules as of this stamp of its row."""
    if forms_stamp(village) == stamp:
        return
    versions: dict[str, dict[int, Mapping[str, Any]]] = {}
    for name, number, form in (yield ask(_PUBLISHED, v=village)):
        versions.setdefault(name, {})[number] = json.loads(form)
    forms = [
        OwnForm(
            village, name, subject, bool(volunteer), tuple(json.loads(grids)),
            tuple(json.loads(reached)), bool(retired_at), versions[name],
        )
        for name, subject, volunteer, grids, reached, retired_at in (yield ask(_FORMS, v=village))
        if name in versions
    ]  # fmt: skip
    install(village, stamp, forms, (yield from settings(village)))


def forms(village: str) -> Work[list[KeptForm]]:
    versions: dict[str, list[FormVersion]] = {}
    for name, number, form, *rest in (yield ask(_VERSIONS, v=village)):
        versions.setdefault(name, []).append(FormVersion(number, json.loads(form), *rest))
    return [
        KeptForm(
            name, subject, bool(volunteer), json.loads(grids), retired_at, versions.get(name, [])
        )
        for name, subject, volunteer, grids, _, retired_at in (yield ask(_FORMS, v=village))
    ]


def counts(village: str, types: Sequence[str]) -> Work[dict[str, int]]:
    """How many records there are of each of these types."""
    rows = yield ask(_COUNTS, v=village, types=list(types))
    return {name: int(count) for name, count in rows}


def xform(village: str, name: str, number: int) -> Work[str | None]:
    rows = yield ask(_XFORM, v=village, of_name=name, number=number)
    return rows[0][0] if rows else None


def keep_draft(
    village: str,
    name: str,
    subject: str,
    volunteer: bool,
    form: Mapping[str, Any],
    xform: str,
    filename: str,
    author: str,
) -> Work[int]:
    """Keep an upload as the form's draft, in place of a draft before; its number. What is published
    stays as it is."""
    yield ask(LOCK_VILLAGE, v=village)
    yield ask(
        _NEW_FORM, village=village, name=name, subject=subject, volunteer=volunteer, grids="[]",
        reached="[]", retired_at=0,
    )  # fmt: skip
    yield ask(_DROP_DRAFT, v=village, of_name=name)
    rows = yield ask(_VERSIONS, v=village)
    numbers = [row[1] for row in rows if row[0] == name]
    if not numbers:  # nobody has filled it in yet, so the draft still decides whom it is about
        yield ask(
            _SET_DRAFTS_FORM, v=village, of_name=name, new_subject=subject, new_volunteer=volunteer
        )
    number: int = max(numbers, default=0) + 1
    yield ask(
        _PUT_VERSION, village=village, name=name, version=number,
        form=json.dumps(form, ensure_ascii=False), xform=xform, filename=filename,
        uploaded_at=now_ms(), uploaded_by=author, published_at=0,
    )  # fmt: skip
    return number


def drop_draft(village: str, name: str) -> Work[None]:
    """Forget a draft; the form with it, if nothing of it was ever published."""
    yield ask(_DROP_DRAFT, v=village, of_name=name)
    if not any(row[0] == name for row in (yield ask(_VERSIONS, v=village))):
        yield ask(_DROP_FORM, v=village, of_name=name)


def publish(village: str, name: str, number: int, grids: Sequence[str]) -> Work[None]:
    """Offer a version on phones from their next sync on, in these grids (none: in all)."""
    yield ask(LOCK_VILLAGE, v=village)
    yield ask(_PUBLISH, v=village, of_name=name, number=number, now=now_ms())
    yield from _offered(village, name, grids, 0)


def offer(village: str, name: str, grids: Sequence[str], *, retired: bool) -> Work[None]:
    """Offer a form in other grids, or nowhere any more. What was recorded stays."""
    yield ask(LOCK_VILLAGE, v=village)
    yield from _offered(village, name, grids, now_ms() if retired else 0)


def _offered(village: str, name: str, grids: Sequence[str], retired_at: int) -> Work[None]:
    rows = yield ask(_FORMS, v=village)
    reached = {grid for row in rows if row[0] == name for grid in json.loads(row[4])}
    reached |= {""} if not grids else set(grids)
    yield ask(
        _SET_FORM, v=village, of_name=name, new_grids=json.dumps(sorted(grids)),
        new_reached=json.dumps(sorted(reached)), at=retired_at,
    )  # fmt: skip
    yield ask(SET_STAMP, v=village, stamp=short_id())
