"""Between JSON and the model: envelopes are refused whole, ops one by one, and what is stored comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sync import (
    BadEnvelope,
    Change,
    Edit,
    Malformed,
    Op,
    Record,
    RecordId,
    Stamp,
    canonical,
    wire,
)

ID = "0" * 31 + "1"
ENVELOPE: dict[str, Any] = {
    "magic": "zoufang-sync", "protocol": 1, "village": "990000101201", "device": "d",
    "generation": 1, "now": 5, "first": 1,
}  # fmt: skip


def op_with(**fields: Any) -> dict[str, Any]:
    change = {"record": 0, "type": "child", "base": 3, "set": {"name": "谷小满"}, **fields}
    return {"at": 1, "clock": 2, "contact": 3, "schema": "s", "changes": [change]}


def refused(body: Any) -> str:
    with pytest.raises(BadEnvelope) as refusal:
        wire.read_request(body)
    return refusal.value.code


def malformed(raw: Any) -> tuple[str, int]:
    with pytest.raises(Malformed) as problem:
        wire.read_op(raw, [ID, 5, "xyz"])
    return problem.value.reason, problem.value.change


def test_an_envelope_needs_only_who_when_and_where_to_begin() -> None:
    asked = wire.read_request(ENVELOPE)

    assert (asked.village, asked.device, asked.first, asked.now) == ("990000101201", "d", 1, 5)
    assert (asked.ops, asked.pull, asked.compare, asked.fetch) == ([], {}, {}, {})
    assert asked.budget == wire.MAX_BUDGET


@pytest.mark.parametrize(
    ("asked", "given"), [(0, wire.MIN_BUDGET), (10**9, wire.MAX_BUDGET), (50_000, 50_000)]
)
def test_a_budget_is_brought_between_its_ends(asked: int, given: int) -> None:
    assert wire.read_request(ENVELOPE | {"budget": asked}).budget == given


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("magic", "other", "wrong_magic"),
        ("protocol", 2, "wrong_protocol"),
        ("ops", [{}] * 2001, "too_large"),
        ("ops", {}, "bad_json"),
        ("generation", 0, "bad_json"),
        ("now", 2**53, "bad_json"),
        ("now", True, "bad_json"),
        ("village", None, "bad_json"),
        ("pull", {"village": [1, "zz"]}, "bad_json"),
        ("pull", {"village": [2**53, ""]}, "bad_json"),
        ("pull", {"village": "all"}, "bad_json"),
        ("compare", {"village": ["0" * 32] * 15}, "bad_json"),
        ("compare", {"village": "0" * 16}, "bad_json"),
        ("fetch", {"village": [ID] * 501}, "bad_json"),
        ("fetch", {"village": ["short"]}, "bad_json"),
    ],
)
def test_an_unsound_envelope_is_refused_whole(field: str, value: Any, code: str) -> None:
    assert refused(ENVELOPE | {field: value}) == code


def test_what_is_not_an_object_is_no_envelope() -> None:
    assert refused([]) == "bad_json"
    assert refused({k: v for k, v in ENVELOPE.items() if k != "village"}) == "bad_json"


def test_cursors_sums_and_wishes_are_read_by_bucket() -> None:
    asked = wire.read_request(
        ENVELOPE
        | {
            "pull": {"village": [7, ""], "grid:01": [9, "a" * 32]},
            "compare": {"village": ["0" * 32] * 16},
            "fetch": {"grid:01": [ID] * 500},
        }
    )

    assert asked.pull == {"village": (7, ""), "grid:01": (9, "a" * 32)}
    assert len(asked.compare["village"]) == 16
    assert len(asked.fetch["grid:01"]) == 500


def test_an_op_is_read_with_its_ids_spelled_out() -> None:
    op = wire.read_op(op_with(prev={"name": 4}) | {"was": [12]}, [ID])

    change = Change(RecordId(ID), "child", 3, {"name": "谷小满"}, {"name": 4})
    assert op == Op(1, 2, 3, "s", (change,), (12,))


@pytest.mark.parametrize(
    ("raw", "reason", "place"),
    [
        ("text", "not_an_object", -1),
        ({}, "no_changes", -1),
        ({"changes": []}, "no_changes", -1),
        (op_with() | {"at": -1}, "bad_at", -1),
        (op_with() | {"clock": "1"}, "bad_clock", -1),
        (op_with() | {"contact": 2**53}, "bad_contact", -1),
        (op_with() | {"was": 1.5}, "bad_was", -1),
        (op_with() | {"schema": 5}, "bad_value", -1),
        (op_with() | {"changes": [5]}, "not_an_object", 0),
        (op_with(record=9), "bad_record", 0),
        (op_with(record=True), "bad_record", 0),
        (op_with(record=1), "bad_record", 0),
        (op_with(record=2), "bad_record", 0),
        (op_with(type="Child"), "bad_type", 0),
        (op_with(type=None), "bad_type", 0),
        (op_with(set={}), "no_edits", 0),
        (op_with(set=[]), "no_edits", 0),
        (op_with(prev=[]), "bad_prev", 0),
        (op_with(prev={"name": "4"}), "bad_prev", 0),
        (op_with(prev={"name": True}), "bad_prev", 0),
        (op_with(prev={"name": [1]}), "bad_prev", 0),
        (op_with(base=-1), "bad_base", 0),
        (op_with(set={"Name": "x"}), "bad_key", 0),
        (op_with(set={"hobby/": True}), "bad_key", 0),
        (op_with(set={"hobby/a/b": True}), "bad_key", 0),
        (op_with(set={"alias_of": ID}), "bad_key", 0),
        (op_with(set={"present": "yes"}), "bad_value", 0),
        (op_with(set={"present": None}), "bad_value", 0),
        (op_with(set={"hobby/01": "yes"}), "bad_value", 0),
        (op_with(set={"name": ["x"]}), "bad_value", 0),
        (op_with(set={"name": {"x": 1}}), "bad_value", 0),
        (op_with(set={"size": 1.5}), "fraction", 0),
        (op_with(set={"phones/a1b2": {"number": 2**53}}), "number_too_large", 0),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_op_has_a_word_and_a_place(raw: Any, reason: str, place: int) -> None:
    assert malformed(raw) == (reason, place)


def test_a_good_change_before_a_bad_one_does_not_hide_where_the_bad_one_is() -> None:
    good, bad = op_with()["changes"][0], op_with(base=-1)["changes"][0]

    assert malformed(op_with() | {"changes": [good, bad]}) == ("bad_base", 1)


def test_keys_and_texts_are_kept_composed() -> None:
    op = wire.read_op(op_with(set={"hobby/e\u0301": True, "name": "e\u0301"}), [ID])

    assert op.changes[0].set == {"hobby/é": True, "name": "é"}


def test_a_record_is_there_or_not() -> None:
    assert wire.read_op(op_with(set={"present": False}), [ID]).changes[0].set == {"present": False}


def test_an_op_offered_again_with_its_old_rev_is_the_same_op() -> None:
    op = wire.read_op(op_with(prev={"name": 4}), [ID])

    assert wire.op_json(op) == wire.op_json(replace(op, was=(99,)))
    assert wire.op_from_json(wire.op_json(op)) == op


def test_an_own_edit_of_an_earlier_generation_is_named_with_it() -> None:
    op = wire.read_op(op_with(prev={"name": [1, 4]}), [ID])
    kept = json.loads(canonical(wire.op_json(op)))

    assert op.changes[0].prev == {"name": (1, 4)}
    assert wire.op_from_json(kept) == op


def test_a_row_says_what_is_contested_only_if_something_is() -> None:
    record = Record(RecordId(ID), "child", 7, Stamp(7, 0, 1, "d", 1, 1), {})

    assert wire.row(record, {"name": "甲"}, {}) == [ID, "child", 7, {"name": "甲"}]
    assert wire.row(record, {}, {"name": ["乙"]}) == [ID, "child", 7, {}, {"name": ["乙"]}]


def test_rubbish_is_kept_in_a_form_that_is_recognised_when_it_comes_again() -> None:
    assert wire.raw_json({"b": 1, "a": [None, 1.5]}) == wire.raw_json({"a": [None, 1.5], "b": 1})


@pytest.mark.parametrize("raw", ["text", 5, {}, {"changes": "nonsense"}])
def test_rubbish_without_changes_is_kept_as_it_came(raw: Any) -> None:
    assert wire.with_ids(raw, [ID]) == raw


def test_rubbish_sent_again_with_another_id_table_is_the_same_rubbish() -> None:
    one = op_with(base=-1) | {"changes": [{"record": 0, "base": -1}, "text", {"record": 9}]}
    other = one | {"changes": [{"record": 1, "base": -1}, "text", {"record": 9}]}

    assert wire.with_ids(one, [ID]) == wire.with_ids(other, ["x", ID])
    assert wire.with_ids(one, [ID])["changes"][1:] == ["text", {"record": 9}]


stamps = st.builds(
    Stamp, st.integers(1, 99), st.integers(0, 99), st.integers(0, 99), st.sampled_from("ab"),
    st.integers(1, 2), st.integers(1, 9),
)  # fmt: skip
values = st.none() | st.booleans() | st.text(max_size=3) | st.integers(-5, 5)
keys = st.sampled_from(["name", "hobby/01", "phones/ab12", "present"])
records = st.builds(
    Record, st.just(RecordId(ID)), st.just("child"), st.integers(1, 99), stamps,
    st.dictionaries(keys, values, max_size=3),
    st.dictionaries(
        keys, st.lists(st.builds(Edit, values, stamps, st.booleans()), max_size=3).map(tuple)
    ),
    st.dictionaries(
        keys,
        st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=1, max_size=2).map(tuple),
        max_size=2,
    ),
)  # fmt: skip


@settings(deadline=None)
@given(records)
def test_a_stored_record_comes_back_whole(record: Record) -> None:
    head = record.id, record.type, record.rev
    state = wire.State(record.origin, record.values, record.edits, record.contests)
    stored = wire.read_state(wire.write_state(state))

    assert stored.record(*head, stored.values) == record
