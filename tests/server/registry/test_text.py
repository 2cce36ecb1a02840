"""Stored JSON is canonical JSON, whoever writes it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.registry.text import encoded, parsed, text
from sync import canonical

scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text()
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=30
)


@given(values)
def test_stored_bytes_are_the_canonical_bytes(value: object) -> None:
    assert encoded(value) == canonical(value)
    assert parsed(text(value)) == value
