"""Canonical form, digests, corrected time: held to the vectors the phone runs as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import Digest, Malformed, canonical, corrected, digest, normalised, row_digest

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "canonical.json").read_text())
VALUES = st.recursive(
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("case", VECTORS["values"], ids=lambda c: c["name"])
def test_canonical_bytes_are_as_agreed(case: dict[str, Any]) -> None:
    assert canonical(case["value"]).decode() == case["canonical"]


@pytest.mark.parametrize("case", VECTORS["digests"], ids=lambda c: c["name"])
def test_digests_are_as_agreed(case: dict[str, Any]) -> None:
    assert digest(canonical(row) for row in case["rows"]).hex() == case["digest"]


@given(VALUES)
def test_canonical_form_reads_back_to_the_same_value(value: Any) -> None:
    assert json.loads(canonical(value)) == value


@given(VALUES.filter(lambda v: "\ud800" not in str(v)))
def test_the_servers_decoder_reads_canonical_bytes_to_the_same_value(value: Any) -> None:
    assert msgspec.json.decode(canonical(value)) == value


@given(st.lists(st.binary(max_size=8), max_size=12), st.randoms())
def test_a_digest_does_not_depend_on_order_and_rows_can_be_taken_out(
    rows: list[bytes], random: Any
) -> None:
    shuffled = random.sample(rows, len(rows))
    assert digest(rows) == digest(shuffled)

    total = digest(rows)
    for row in shuffled:
        total = total.minus(row_digest(row))
    assert total == Digest()


def test_rows_can_be_added_one_by_one_or_many_at_once() -> None:
    total = Digest()
    for row in (b"a", b"b", b"b"):
        total = total.plus(row_digest(row))

    assert total == digest([b"a", b"b", b"b"])


def test_a_digest_survives_its_text() -> None:
    total = digest([b"a", b"b"])
    assert Digest.from_hex(total.hex()) == total


def test_two_equal_errors_do_not_cancel() -> None:
    assert digest([b"x", b"x"]) != Digest()


def test_strings_are_stored_composed() -> None:
    assert normalised("e\u0301") == "é"


@pytest.mark.parametrize(
    ("value", "reason"),
    [(1.5, "fraction"), (2**53, "number_too_large"), (-(2**53), "number_too_large"), ("字" * 20_001, "text_too_long"),
     ([[[[[1]]]]], "value_too_deep"), ({1, 2}, "bad_value")],
)  # fmt: skip
def test_what_cannot_be_stored_is_named(value: Any, reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        normalised(value)


def test_nulls_inside_values_are_left_out() -> None:
    assert normalised({"number": "1", "owner": None}) == {"number": "1"}


@given(VALUES)
def test_what_is_stored_stays_as_it_is(value: Any) -> None:
    stored = normalised({"entry": str(value)})

    assert normalised(stored) == stored


def test_the_largest_number_of_javascript_is_stored() -> None:
    assert normalised(2**53 - 1) == 2**53 - 1


@given(
    at=st.integers(0, 2**50), offset=st.none() | st.integers(-(2**49), 2**49),
    contact=st.integers(0, 10**12), wait=st.integers(0, 10**9), floor=st.integers(0, 10**12),
)  # fmt: skip
def test_corrected_time_lies_between_contact_and_arrival_and_never_goes_back(
    at: int, offset: int | None, contact: int, wait: int, floor: int
) -> None:
    arrival = max(contact, floor) + wait

    instant = corrected(at, offset=offset, contact=contact, arrival=arrival, floor=floor)

    assert max(contact, floor) <= instant <= arrival


def test_a_phone_a_day_ahead_is_put_right() -> None:
    day = 86_400_000
    assert corrected(10 * day, offset=-day, contact=0, arrival=20 * day, floor=0) == 9 * day
