"""Identifiers."""

from __future__ import annotations

from server.registry import uuid7


def test_ids_made_one_after_the_other_rise() -> None:
    made = [uuid7() for _ in range(5000)]

    assert made == sorted(set(made))


def test_an_id_is_a_version_7_uuid_with_its_instant() -> None:
    id = uuid7(1_795_320_000_000)

    assert (len(id), id[12], id[16] in "89ab") == (32, "7", True)
    assert int(id[:12], 16) == 1_795_320_000_000
