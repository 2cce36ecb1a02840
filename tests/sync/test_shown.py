"""What people see of maximal edits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import (
    LATEST,
    PRESENT,
    Change,
    Edit,
    Policy,
    Record,
    RecordId,
    Stamp,
    Verdict,
    created,
    merged,
    must_settle,
    show,
    verdict,
)

ID = RecordId("0" * 32)
POLICIES = {
    "risk_level": Policy("severe", ("G", "Y", "O", "R")),
    "name": Policy("hold"),
    "address": Policy("both"),
    "doses": Policy("max"),
    "first_on": Policy("min"),
    "occurred_on": Policy("immutable"),
    "hobby": Policy("union"),
    "phones": Policy("both"),
    "alive": Policy("hold", ("Y", "N")),
}


def policies(record_type: str, field: str) -> Policy:
    return POLICIES.get(field, LATEST)


def record(*edits: tuple[dict[str, Any], int, int]) -> Record:
    """Edits as (set, base, at); revs count up from 1, every edit by a device of its own."""
    made: Record | None = None
    for rev, (keys, base, at) in enumerate(edits, 1):
        stamp = Stamp(rev, base, at, f"d{rev}", 1, 1)
        made = merged(made, Change(ID, "child", base, keys), stamp, lambda key: False)
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("key", "first", "second", "shown"),
    [
        ("risk_level", "O", "G", "O"),
        ("risk_level", "G", "R", "R"),
        ("school", "青禾小学", "禾溪小学", "禾溪小学"),
        ("doses", 3, 2, 3),
        ("first_on", "2026-03-01", "2026-02-01", "2026-02-01"),
        ("occurred_on", "2026-03-01", "2026-02-01", "2026-03-01"),
        ("doses", None, 2, 2),
        ("first_on", None, "2026-02-01", "2026-02-01"),
        ("name", "谷小满", "谷小雨", "谷小雨"),
        ("alive", "N", "Y", "N"),
    ],
)
def test_the_policy_picks_among_concurrent_values(
    key: str, first: Any, second: Any, shown: Any
) -> None:
    seen = show(record(({key: first}, 0, 10), ({key: second}, 0, 20)), policies)

    assert seen.fields[key] == shown
    assert seen.contested[key] == [first if second == shown else second]


def test_latest_asks_the_corrected_time_and_not_the_order_of_arrival() -> None:
    seen = show(record(({"school": "new"}, 0, 20), ({"school": "old"}, 0, 10)), policies)

    assert seen.fields["school"] == "new"


@given(
    key=st.sampled_from(["school", "name", "alive", "risk_level", "address", "doses", "first_on"]),
    edits=st.lists(
        st.tuples(st.sampled_from(["G", "O", "Y", "N", None]), st.integers(0, 3)),
        min_size=2,
        max_size=4,
    ),
    data=st.data(),
)
def test_what_is_shown_does_not_depend_on_who_arrived_first(
    key: str, edits: list[tuple[Any, int]], data: st.DataObject
) -> None:
    """A held field too shows the latest or the gravest, never the first that came."""

    def arrived(order: list[int]) -> tuple[Any, list[Any]]:
        made = None
        for rev, n in enumerate(order, 1):
            stamp = Stamp(rev, 0, edits[n][1], f"d{n}", 1, 1)
            made = merged(made, Change(ID, "child", 0, {key: edits[n][0]}), stamp, lambda _: True)
        assert made is not None
        seen = show(made, policies)
        return seen.fields.get(key), seen.contested.get(key, [])

    straight = list(range(len(edits)))

    assert arrived(data.draw(st.permutations(straight))) == arrived(straight)


def test_an_emptied_field_is_absent() -> None:
    seen = show(record(({"school": "a"}, 0, 1), ({"school": None}, 1, 2)), policies)

    assert "school" not in seen.fields
    assert not seen.contested


def test_elements_added_by_two_people_are_all_in_the_set() -> None:
    seen = show(record(({"hobby/02": True}, 0, 1), ({"hobby/01": True}, 0, 2)), policies)

    assert seen.fields["hobby"] == ["01", "02"]


def test_adding_wins_over_a_removal_that_had_not_seen_it() -> None:
    made = record(({"hobby/01": True}, 0, 1), ({"hobby/01": False}, 0, 2))

    assert show(made, policies).fields["hobby"] == ["01"]


def test_a_removal_that_saw_the_element_takes_it_out() -> None:
    made = record(({"hobby/01": True}, 0, 1), ({"hobby/01": False}, 1, 2))

    assert "hobby" not in show(made, policies).fields


def test_two_replacements_of_one_phone_are_both_shown_and_flagged() -> None:
    old = {"number": "10000000001"}
    new = [
        {"number": "10000000002", "replaces": "aaaa"},
        {"number": "10000000003", "replaces": "aaaa"},
    ]
    made = record(
        ({"phones/aaaa": old}, 0, 1),
        ({"phones/aaaa": None, "phones/bbbb": new[0]}, 1, 2),
        ({"phones/aaaa": None, "phones/cccc": new[1]}, 1, 3),
    )

    seen = show(made, policies)

    assert seen.fields["phones"] == {"bbbb": new[0], "cccc": new[1]}
    assert seen.contested == {"phones/cccc": [new[0]]}


def test_a_delete_that_saw_everything_removes_the_record() -> None:
    made = record(({"present": True, "name": "x"}, 0, 1), ({"present": False}, 1, 2))

    assert not show(made, policies).present


def test_a_delete_that_missed_an_edit_leaves_the_record_visible_and_contested() -> None:
    made = record(
        ({"present": True, "name": "x"}, 0, 1),
        ({"school": "new"}, 1, 2),
        ({"present": False}, 1, 3),
    )

    seen = show(made, policies)

    assert seen.present
    assert seen.contested["present"] == [False]


def test_a_delete_has_seen_the_deleters_own_earlier_edits() -> None:
    made = None
    steps: list[dict[str, Any]] = [
        {"present": True, "name": "x"},
        {"name": "y"},
        {"present": False},
    ]
    for seq, keys in enumerate(steps):
        stamp = Stamp(seq + 1, 0, seq, "d", 1, seq + 1)
        prev = {"present": 1} if seq == 2 else {}
        made = merged(made, Change(ID, "child", 0, keys, prev), stamp, lambda key: False)

    assert made is not None
    assert not show(made, policies).present


def test_a_record_of_which_nothing_is_known_can_be_removed() -> None:
    made = record(({"present": True}, 0, 1), ({"present": False}, 0, 2), ({"present": False}, 2, 3))

    assert not show(made, policies).present


def test_a_delete_has_seen_that_the_deleter_brought_the_record_into_being() -> None:
    made = None
    steps: list[tuple[int, dict[str, Any]]] = [
        (2, {"present": True, "name": "x"}),
        (4, {"present": False}),
    ]
    for seq, keys in steps:  # its first op is kept aside: the second one made the record
        prev = {"present": 1} if seq == 4 else {}
        change = Change(ID, "child", 0, keys, prev)
        made = merged(made, change, Stamp(seq, 0, seq, "d", 1, seq), lambda key: False)

    assert made is not None
    assert not show(made, policies).present


def test_deleting_again_after_seeing_the_edit_removes_the_record() -> None:
    made = record(
        ({"present": True, "name": "x"}, 0, 1),
        ({"school": "new"}, 1, 2),
        ({"present": False}, 1, 3),
        ({"present": False}, 3, 4),
    )

    assert not show(made, policies).present


def test_undoing_a_delete_brings_the_record_back() -> None:
    made = record(({"present": True}, 0, 1), ({"present": False}, 1, 2), ({"present": True}, 2, 3))

    assert show(made, policies) == (True, {}, {})


@pytest.mark.parametrize(
    ("key", "expected"),
    [("name", Verdict.HELD), ("risk_level", Verdict.HELD), ("school", Verdict.CONFLICT)],
)
def test_hold_and_severe_wait_for_the_office_the_others_inform(key: str, expected: Verdict) -> None:
    made = record(({key: "G"}, 0, 1), ({key: "R"}, 0, 2))

    assert verdict(made, key, show(made, policies), policies) is expected


def test_what_is_not_contested_is_applied_and_a_doubted_delete_is_held() -> None:
    quiet = record(({"name": "x"}, 0, 1))
    doubted = record(({"present": True, "name": "x"}, 0, 1), ({"present": False}, 0, 2))

    assert verdict(quiet, "name", show(quiet, policies), policies) is Verdict.APPLIED
    assert verdict(doubted, PRESENT, show(doubted, policies), policies) is Verdict.HELD


@given(there=st.booleans(), name=st.sampled_from(["谷小满", None]))
def test_a_record_that_nobody_edited_shows_as_if_each_of_its_answers_were_an_edit(
    there: bool, name: str | None
) -> None:
    change = Change(ID, "child", 0, {PRESENT: there, "name": name})
    stamp = Stamp(1, 0, 1, "d1", 1, 1)

    edits = {key: (Edit(value, stamp),) for key, value in change.set.items()}
    one_by_one = Record(ID, "child", 1, stamp, {}, edits)

    seen = show(created(change, stamp), policies)

    assert seen == show(one_by_one, policies)
    assert seen.present is there


def test_a_field_with_more_than_eight_values_side_by_side_waits_for_the_office() -> None:
    made = record(*(({"address": f"{n} 号"}, 0, n) for n in range(9)))

    assert must_settle(made, "address", policies)


def test_mixed_kinds_under_one_name_still_show() -> None:
    made = record(({"x": "text", "x/1": True}, 0, 1), ({"x/2": {"number": "1"}, "x/3": True}, 0, 2))

    assert show(made, policies).fields == {"x": {"2": {"number": "1"}}}


def test_an_object_where_a_scalar_belongs_breaks_nothing() -> None:
    made = record(({"name": {"x": 1}, "phones/a": {"replaces": ["y"]}}, 0, 1))

    assert show(made, policies).fields == {"name": {"x": 1}, "phones": {"a": {"replaces": ["y"]}}}
