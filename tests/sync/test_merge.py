"""Merging: who had seen what decides, and nothing concurrent is lost."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from sync import Change, Record, RecordId, Stamp, is_contested, merged

ID = RecordId("0" * 32)


def never(key: str) -> bool:
    return False


def always(key: str) -> bool:
    return True


def stamp(rev: int, base: int = 0, device: str = "a", seq: int = 0, at: int = 0) -> Stamp:
    return Stamp(rev, base, at or rev, device, 1, seq or rev)


def edit(record: Record | None, value: object, s: Stamp, prev: int | None = None) -> Record:
    change = Change(ID, "child", s.base, {"name": value}, {} if prev is None else {"name": prev})
    return merged(record, change, s, never)


def values(record: Record, key: str = "name") -> list[object]:
    return [e.value for e in record.maximal(key)]


def test_an_edit_that_saw_the_value_replaces_it() -> None:
    record = edit(edit(None, "谷小满", stamp(1)), "谷小雨", stamp(2, base=1, device="b"))

    assert values(record) == ["谷小雨"]


def test_two_edits_of_the_same_base_are_both_kept() -> None:
    record = edit(None, "谷小满", stamp(1))
    record = edit(record, "方立夏", stamp(2, base=1, device="b"))
    record = edit(record, "安白露", stamp(3, base=1, device="c"))

    assert values(record) == ["方立夏", "安白露"]
    assert is_contested(record.maximal("name"))


def test_equal_values_are_both_kept_but_not_contested() -> None:
    record = edit(None, "谷小满", stamp(1))
    record = edit(record, "方立夏", stamp(2, base=1, device="b"))
    record = edit(record, "方立夏", stamp(3, base=1, device="c"))

    assert not is_contested(record.maximal("name"))


def test_an_edit_that_saw_both_settles_the_conflict() -> None:
    record = edit(None, "谷小满", stamp(1))
    record = edit(record, "方立夏", stamp(2, base=1, device="b"))
    record = edit(record, "安白露", stamp(3, base=1, device="c"))
    record = edit(record, "石惊蛰", stamp(4, base=3, device="office"))

    assert values(record) == ["石惊蛰"]


def test_a_device_replaces_its_own_pending_edit_by_naming_it() -> None:
    record = edit(None, "谷小满", stamp(1))
    record = edit(record, "方立夏", stamp(2, base=1, device="b", seq=7))
    record = edit(record, "安白露", stamp(3, base=1, device="b", seq=8), prev=7)

    assert values(record) == ["安白露"]


def test_prev_names_only_the_devices_own_edit() -> None:
    record = edit(None, "谷小满", stamp(1))
    record = edit(record, "方立夏", stamp(2, base=1, device="c", seq=7))
    record = edit(record, "安白露", stamp(3, base=1, device="b", seq=8), prev=7)

    assert values(record) == ["方立夏", "安白露"]


def test_edits_of_different_fields_never_meet() -> None:
    record = merged(None, Change(ID, "child", 0, {"name": "谷小满", "sex": "1"}), stamp(1), never)
    record = merged(record, Change(ID, "child", 1, {"name": "谷小雨"}), stamp(2, 1, "b"), never)
    record = merged(record, Change(ID, "child", 1, {"sex": "2"}), stamp(3, 1, "c"), never)

    assert (values(record), values(record, "sex")) == (["谷小雨"], ["2"])


@dataclass
class Screen:
    """A device: what its screen has shown so far, and its own edits not yet sent."""

    name: str
    rev: int = 0
    seen: set[int] = field(default_factory=set)
    pending: list[tuple[int, int, set[int]]] = field(default_factory=list)
    seq: int = 0


ACTIONS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["edit", "edit", "send", "pull"])), max_size=40
)


@given(ACTIONS)
@settings(max_examples=400, deadline=None)
def test_what_stays_is_exactly_what_no_later_author_was_shown(
    actions: list[tuple[int, str]],
) -> None:
    """The oracle keeps, for each edit, the set of edits that had been on its author's screen; it knows nothing of
    revs, bases and prevs. An edit must be gone exactly when it was in the set of an edit the server has."""
    devices = [Screen(name) for name in "abcd"]
    record: Record | None = None
    head = 0
    shown_to: dict[int, set[int]] = {}
    value = 0
    for who, action in actions:
        d = devices[who]
        if action == "edit":
            value += 1
            d.seq += 1
            own = d.pending[-1][0] if d.pending else None
            # The screen shows the own pending edit, or else what was pulled last.
            on_screen = (d.pending[-1][2] | {own}) if own is not None else set(d.seen)
            d.pending.append((value, d.seq, on_screen))
        elif action == "pull" and not d.pending:
            d.rev, d.seen = head, set(shown_to)
        elif action == "send" and d.pending:
            first_base = d.rev
            previous: int | None = None
            for number, seq, on_screen in d.pending:
                head += 1
                s = Stamp(head, first_base, 0, d.name, 1, seq)
                record = edit(record, number, s, previous)
                shown_to[number] = on_screen
                previous = seq
            d.pending = []
            d.rev, d.seen = head, set(shown_to)

    expected = {n for n in shown_to if not any(n in seen for m, seen in shown_to.items() if m != n)}
    assert {e.value for e in record.maximal("name")} == expected if record else not expected


def test_somebody_without_authority_adds_to_a_held_conflict_instead_of_clearing_it() -> None:
    record = guarded_edit(None, "G", stamp(1))
    record = guarded_edit(record, "O", stamp(2, base=1, device="b"))
    record = guarded_edit(record, "Y", stamp(3, base=1, device="c"))

    record = guarded_edit(record, "R", stamp(4, base=3, device="d"))

    assert values(record) == ["O", "Y", "R"]


def test_authority_clears_a_held_conflict_and_a_concurrent_edit_opens_it_again() -> None:
    record = guarded_edit(None, "G", stamp(1))
    record = guarded_edit(record, "O", stamp(2, base=1, device="b"))
    record = guarded_edit(record, "Y", stamp(3, base=1, device="c"))
    settled = guarded_edit(record, "Y", stamp(4, base=3, device="office"), authority=True)
    reopened = guarded_edit(settled, "R", stamp(5, base=2, device="d"))

    assert values(settled) == ["Y"]
    assert values(reopened) == ["Y", "R"]
    assert settled.contests == {"name": ((3, 4),)}
    assert reopened.contests == {"name": ((3, 4), (5, 0))}


def test_who_was_shown_a_guarded_key_uncontested_replaces_it_though_it_is_contested_now() -> None:
    record = guarded_edit(None, "G", stamp(1))
    record = guarded_edit(record, "O", stamp(2, base=1, device="b"))
    record = guarded_edit(record, "Y", stamp(3, base=1, device="c"))

    record = guarded_edit(record, "R", stamp(4, base=2, device="d"))

    assert values(record) == ["Y", "R"]


def test_a_bound_author_still_replaces_the_own_pending_edit() -> None:
    record = guarded_edit(None, "G", stamp(1))
    record = guarded_edit(record, "O", stamp(2, base=1, device="b"))
    record = guarded_edit(record, "Y", stamp(3, base=1, device="c"))
    record = guarded_edit(record, "R", stamp(4, base=3, device="d", seq=1))

    record = guarded_edit(record, "G", stamp(5, base=3, device="d", seq=2), prev=1)

    assert values(record) == ["O", "Y", "G"]


def test_an_edit_offered_again_after_a_restore_stays_replaced() -> None:
    """The lost edit keeps the rev it had (7); somebody who saw it (base 8) was offered again before it."""
    record = edit(None, "old", stamp(1))
    record = edit(record, "later", stamp(9, base=8, device="b"))

    record = edit(record, "lost", stamp(7, base=1, device="c"))

    assert values(record) == ["later"]


def guarded_edit(
    record: Record | None,
    value: object,
    s: Stamp,
    prev: int | None = None,
    *,
    authority: bool = False,
) -> Record:
    change = Change(ID, "child", s.base, {"name": value}, {} if prev is None else {"name": prev})
    return merged(record, change, s, always, authority=authority)


@dataclass(frozen=True)
class Authored:
    """An edit with what its author was shown, free of any order of arrival."""

    value: int
    seen: frozenset[int]
    authority: bool


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_the_order_of_arrival_does_not_matter(data: st.DataObject) -> None:
    """Authors look at some moment, type, and send at some later one. Whatever may arrive in another order
    without changing what anybody was shown gives the same values, guarded or not."""
    guarded = data.draw(st.sampled_from([never, always]))
    count = data.draw(st.integers(2, 6))
    edits = []
    for value in range(count):
        looked = data.draw(st.integers(0, value))
        edits.append(Authored(value, frozenset(range(looked)), data.draw(st.booleans())))

    def arrive(order: list[int]) -> set[object] | None:
        record: Record | None = None
        rev_of: dict[int, int] = {}
        for rev, value in enumerate(order, 1):
            e = edits[value]
            if not e.seen <= rev_of.keys():
                return None
            base = max((rev_of[x] for x in e.seen), default=0)
            if {x for x, r in rev_of.items() if r <= base} != e.seen:
                return None  # in this order its author would have been shown something else
            s = Stamp(rev, base, 0, f"d{value}", 1, 1)
            c = Change(ID, "child", base, {"name": value})
            record = merged(record, c, s, guarded, authority=e.authority)
            rev_of[value] = rev
        assert record is not None
        return {x.value for x in record.maximal("name")}

    straight = arrive(list(range(count)))
    shuffled = arrive(data.draw(st.permutations(range(count))))

    assert straight is not None
    assert shuffled in (None, straight)


@given(st.lists(st.integers(0, 2**50), min_size=1, max_size=12))
def test_where_everybody_saw_everything_clocks_change_nothing(times: list[int]) -> None:
    record: Record | None = None
    for rev, at in enumerate(times, 1):
        record = edit(record, rev, Stamp(rev, rev - 1, at, f"d{rev % 3}", 1, rev))

    assert record is not None
    assert values(record) == [len(times)]
