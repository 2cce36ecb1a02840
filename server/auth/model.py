"""Accounts, devices, codes: plain values."""

from __future__ import annotations

import msgspec

from server.registry.placement import VILLAGE, grid_bucket

from .grants import Grant

ROLES = {
    "official": ("村官·儿童主任", "Village official"),
    "clerk": ("村办公室", "Village office"),
    "surveyor": ("调查员", "Surveyor"),
    "volunteer": ("志愿者", "Volunteer"),
    "supervisor": ("儿童督导员", "Township supervisor"),
    "county": ("县级", "County"),
    "admin": ("管理员", "Administrator"),
}
"""Role -> its name in Chinese and English (product.md, who uses it)."""


class Account(msgspec.Struct, frozen=True):
    """A person who may sign in, on a phone or in the office."""

    id: str
    village: str
    login: str
    name: str
    role: str
    grids: list[str]
    """Codes of the grids whose grant holds today. An official has the whole village."""
    helper_id: str
    """The helper record a volunteer is, or ''."""
    active: bool
    created_at: int
    grants: list[Grant] = []
    """All grids ever given and not taken back, with the days they hold."""


class Device(msgspec.Struct, frozen=True):
    """A phone, an office login, an import or demo batch: whatever numbers ops."""

    id: str
    village: str
    account: str
    kind: str
    """`phone`, `office`, `import`, `demo`."""
    label: str
    generation: int
    last_seq: int
    seen_at: int
    agreed_at: int
    agreed_rev: int
    enrolled_at: int
    revoked_at: int


class Code(msgspec.Struct, frozen=True):
    """An enrolment code, readable once."""

    text: str
    """`ABCD-EFGH-JKMN`."""
    expires_at: int


class OpenCode(msgspec.Struct, frozen=True):
    """A code that nobody has used yet and that still works. Its letters are kept nowhere."""

    issued_at: int
    expires_at: int


class Enrolled(msgspec.Struct, frozen=True):
    """What a phone gets for its code."""

    device: str
    token: str
    account: Account


class Entry(msgspec.Struct, frozen=True):
    """One line of the audit trail."""

    number: int
    at: int
    account: str
    action: str
    subject: str
    details: str


class Trail(msgspec.Struct, frozen=True):
    """The audit trail, gone through line by line."""

    lines: int
    head: str
    """Hash of the last line, which stands for all before it; '' when there is none."""
    broken: int
    """Number of the first line that does not follow from the one before it; 0: the chain is whole."""


class Scope(msgspec.Struct, frozen=True):
    """What a device may hold."""

    buckets: list[str]
    ended: dict[str, int]
    """Buckets it may hold no more -> when that ended, ms."""


EVERYWHERE = frozenset({"official", "clerk"})
"""Roles whose phones hold all grids of the village."""


def buckets_of(account: Account, all_grids: list[str]) -> list[str]:
    """What a device of this account may hold (decision 8). `all_grids` are the village's grid codes."""
    if account.role == "volunteer":
        own = [f"helper:{account.helper_id}"] if account.helper_id else []
        return [VILLAGE, *own, *(grid_bucket(g) for g in account.grids)]
    grids = all_grids if account.role in EVERYWHERE else account.grids
    return [VILLAGE, *(grid_bucket(g) for g in sorted(grids))]
