"""The SQL of people and access."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Table,
    bindparam,
    delete,
    func,
    select,
    update,
)

from server.database import schema as s
from server.database.statement import any_of, insert_new, upsert

HERE: BindParameter[str] = bindparam("v")


def _here(table: Table) -> ColumnElement[bool]:
    return table.c.village == HERE


def _of(table: Table, *names: str) -> Select[Any]:
    return select(*(table.c[name] for name in names)).where(_here(table))


_ACCOUNT = ("id", "village", "login", "name", "role", "grids", "helper_id", "active", "created_at")
_DEVICE = ("id", "village", "account", "kind", "label", "generation", "last_seq", "seen_at", "agreed_at",
           "agreed_rev", "enrolled_at", "revoked_at")  # fmt: skip

ACCOUNT = _of(s.account, *_ACCOUNT).where(s.account.c.id == bindparam("id"))
ACCOUNTS = _of(s.account, *_ACCOUNT).order_by(s.account.c.created_at, s.account.c.login)
ACCOUNT_BY_LOGIN = _of(s.account, *_ACCOUNT, "password").where(
    s.account.c.login == bindparam("name")
)
NEW_ACCOUNT = insert_new(s.account)
SET_ACCOUNT = (
    update(s.account)
    .where(_here(s.account), s.account.c.id == bindparam("b_id"))
    .values(
        name=bindparam("new_name"),
        role=bindparam("new_role"),
        grids=bindparam("new_grids"),
        helper_id=bindparam("new_helper"),
        active=bindparam("new_active"),
    )
)
SET_PASSWORD = (
    update(s.account)
    .where(_here(s.account), s.account.c.id == bindparam("b_id"))
    .values(password=bindparam("new_password"))
)

SECOND_FACTOR = _of(s.second_factor, "secret", "used_step").where(
    s.second_factor.c.account == bindparam("of")
)
PUT_SECOND_FACTOR = upsert(s.second_factor)
FORGET_SECOND_FACTOR = delete(s.second_factor).where(
    _here(s.second_factor), s.second_factor.c.account == bindparam("of")
)
SPEND_SECOND_FACTOR = (
    update(s.second_factor)
    .where(_here(s.second_factor), s.second_factor.c.account == bindparam("of"))
    .values(used_step=bindparam("step"))
)

DEVICE = _of(s.device, *_DEVICE).where(s.device.c.id == bindparam("id"))
HOLDS = _of(s.device, "holds").where(s.device.c.id == bindparam("id"))
DEVICES = _of(s.device, *_DEVICE).order_by(s.device.c.enrolled_at)
DEVICE_OF = _of(s.device, "id").where(
    s.device.c.account == bindparam("of"), s.device.c.kind == bindparam("of_kind")
)
DEVICE_AND_ACCOUNT = (
    select(
        *(s.device.c[n].label(f"d_{n}") for n in _DEVICE),
        *(s.account.c[n].label(f"a_{n}") for n in _ACCOUNT),
    )
    .select_from(
        s.device.join(
            s.account,
            (s.account.c.village == s.device.c.village) & (s.account.c.id == s.device.c.account),
        )
    )
    .where(_here(s.device), s.device.c.token == bindparam("secret"))
)
NEW_DEVICE = insert_new(s.device)
REVOKE_DEVICE = (
    update(s.device)
    .where(_here(s.device), s.device.c.id == bindparam("b_id"), s.device.c.revoked_at == 0)
    .values(revoked_at=bindparam("now"))
)

NEW_SESSION = insert_new(s.session)
SESSION = (
    select(
        s.session.c.created_at,
        s.session.c.seen_at.label("session_seen_at"),
        *(s.account.c[n].label(f"a_{n}") for n in _ACCOUNT),
    )
    .select_from(
        s.session.join(
            s.account,
            (s.account.c.village == s.session.c.village) & (s.account.c.id == s.session.c.account),
        )
    )
    .where(_here(s.session), s.session.c.token == bindparam("secret"))
)
SESSION_SEEN = (
    update(s.session)
    .where(_here(s.session), s.session.c.token == bindparam("secret"))
    .values(seen_at=bindparam("now"))
)
END_SESSION = delete(s.session).where(_here(s.session), s.session.c.token == bindparam("secret"))
END_SESSIONS_OF = delete(s.session).where(_here(s.session), s.session.c.account == bindparam("of"))

NEW_CODE = insert_new(s.enrol_code)
CODE_ANYWHERE = select(
    s.enrol_code.c.village, s.enrol_code.c.account, s.enrol_code.c.expires_at, s.enrol_code.c.device
).where(s.enrol_code.c.code == bindparam("secret"))
"""Not on the sync path: a typed code does not say its village."""
CODES_OF = (
    _of(s.enrol_code, "issued_at", "expires_at", "device")
    .where(s.enrol_code.c.account == bindparam("of"))
    .order_by(s.enrol_code.c.issued_at.desc())
)
USE_CODE = (
    update(s.enrol_code)
    .where(
        _here(s.enrol_code),
        s.enrol_code.c.code == bindparam("secret"),
        s.enrol_code.c.device == "",
    )
    .values(device=bindparam("used_by"))
)
CODE_USED_BY = _of(s.enrol_code, "device").where(s.enrol_code.c.code == bindparam("secret"))

ATTEMPT = _of(s.attempt, "failures", "blocked_until").where(s.attempt.c.subject == bindparam("of"))
PUT_ATTEMPT = upsert(s.attempt)
FORGET_ATTEMPT = delete(s.attempt).where(_here(s.attempt), s.attempt.c.subject == bindparam("of"))

LAST_AUDIT = (
    _of(s.audit, "number", "chain").order_by(s.audit.c.number.desc()).limit(1).with_for_update()
)
NEW_AUDIT = insert_new(s.audit)
AUDITS = (
    _of(s.audit, "number", "at", "account", "action", "subject", "details")
    .order_by(s.audit.c.number.desc())
    .limit(bindparam("most"))
)
AUDIT_CHAIN = _of(
    s.audit, "number", "at", "account", "action", "subject", "details", "chain"
).order_by(s.audit.c.number)
AUDITS_BETWEEN = (
    _of(s.audit, "number", "at", "account", "action", "subject", "details")
    .where(s.audit.c.at >= bindparam("since"), s.audit.c.at < bindparam("until"))
    .order_by(s.audit.c.number)
)
AUDITS_ABOUT = (
    _of(s.audit, "number", "at", "account", "action", "subject", "details")
    .where(any_of(s.audit.c.subject, "subjects"))
    .order_by(s.audit.c.number)
)
LAST_OF_ACTION = (
    _of(s.audit, "number", "at", "account", "action", "subject", "details")
    .where(s.audit.c.action == bindparam("of_action"))
    .order_by(s.audit.c.number.desc())
    .limit(1)
)
SETTLED = (
    _of(s.audit, "number", "at", "account", "action", "subject", "details")
    .where(s.audit.c.action == "settle", any_of(s.audit.c.subject, "subjects"))
    .order_by(s.audit.c.number)
)
COUNT_ACCOUNTS = select(func.count()).select_from(s.account).where(_here(s.account))
PUT_GRANT_ENDED = upsert(s.grant_ended)
FORGET_GRANT_ENDED = delete(s.grant_ended).where(
    _here(s.grant_ended),
    s.grant_ended.c.account == bindparam("of"),
    s.grant_ended.c.bucket == bindparam("in_bucket"),
)
GRANTS_ENDED = _of(s.grant_ended, "bucket", "ended_at").where(
    s.grant_ended.c.account == bindparam("of")
)
GRIDS = select(s.record.c.row).where(
    s.record.c.village == HERE, s.record.c.type == "grid", s.record.c.present
)
VILLAGE_NAME = select(s.village.c.name, s.village.c.epoch).where(s.village.c.village == HERE)
VILLAGE_CODES = select(s.village.c.village).order_by(s.village.c.village)

PUT_PHONE_HELD = upsert(s.phone_held)
PHONE_HELD = _of(s.phone_held, "at", "body").where(s.phone_held.c.device == bindparam("of"))
PHONES_HELD = _of(s.phone_held, "device", "at", "body")
