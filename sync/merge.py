"""The rules of merging: (record, change) -> record. Pure: same input, same output, for ever.

The theory in short
-------------------
The server is the only sequencer: every op gets one `rev` in commit order. A change carries `base`, the rev of
the record as its author saw it when the form opened, and per key `prev`, the author's own pending edit that it
replaces. So we know exactly who saw what:

    an edit x is superseded by an edit y of the same key
        iff  x is within base(y)      y's author was shown x, or something that replaced x: rev(x) <= base(y)
        or   x is named by prev(y)    y's author wrote x, and the server had not told yet

For every key we keep all edits that no other edit supersedes: the maximal edits. One of them, or several with
equal values, is no conflict. Several that differ are a conflict, and then a policy picks what is *shown*.
Nothing concurrent is ever destroyed; a later edit that has seen them all (a person decides) replaces them.

Guarded keys (policies `hold` and `severe`) have one more rule: whoever was shown them contested and may not settle
them adds their value beside the others instead of replacing them; only an edit with authority clears the conflict.
Whether a screen showed a key contested is a fact about the rev it stood at, so a record remembers when its
guarded keys were contested (`Record.contests`), and the edit is marked `bound` once, when it is accepted.

Two properties follow and are tested: the state does not depend on the order of arrival, and merging an op again
at once changes nothing. (One that came long ago is known by the log, and is not merged again.)

Sets and lists need no rules of their own: every element is a key (`hobby/03`, `phones/k3f9`), put in or taken
out by edits with the same causality. A concurrent add and removal leave both edits; adding shows.

Deleting is an edit of the key `present`. A delete that has not seen some edit of the record does not win:
the record stays visible and contested. Losing a child is worse than keeping a ghost.

After the server was restored from a backup, phones offer again what it lost. Such an edit gets a new rev like any
other and remembers the one it had (`Stamp.was`): a base from the lost lineage is compared with that one, a later
base with the new one. So it may arrive already superseded, but never by somebody who could not have seen it.

Change together: `Record` in model.py, `shown.py` (what people see), `alias.py` (records that are one), PROTOCOL.md
§5, the phone's overlay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .model import Change, Edit, Prev, Record, Stamp
from .shown import is_contested

Guarded = Callable[[str], bool]
"""key -> whether only the office may settle it."""
Contests = Mapping[str, tuple[tuple[int, int], ...]]


def created(change: Change, stamp: Stamp) -> Record:
    """The record that a change makes of nothing."""
    return Record(change.record, change.type, stamp.rev, stamp, change.set)


def merged(
    record: Record | None,
    change: Change,
    stamp: Stamp,
    guarded: Guarded,
    *,
    authority: bool = False,
) -> Record:
    """The record after a change. `stamp.base` is the change's base, clipped to what can have been seen;
    `authority` says whether its author may settle guarded keys."""
    if record is None:
        return created(change, stamp)
    values = dict(record.values)
    edits = dict(record.edits)
    contests = record.contests
    for key, value in change.set.items():
        before = record.maximal(key)
        watched = guarded(key)
        bound = watched and not authority and record.was_contested(key, stamp.base)
        after = joined(before, Edit(value, stamp, bound), change.prev.get(key))
        if after is before:
            continue
        values.pop(key, None)
        edits[key] = after
        if watched:
            contests = remembered(contests, key, is_contested(after), stamp.rev)
    return Record(
        record.id, record.type, max(record.rev, stamp.rev), record.origin, values, edits, contests
    )


def joined(before: tuple[Edit, ...], y: Edit, prev: Prev | None) -> tuple[Edit, ...]:
    """The maximal edits of a key after `y`; `before` itself when `y` changes nothing."""
    if any(_was_replaced(y.stamp, z.stamp) for z in before):
        return before
    kept = [x for x in before if not supersedes(y, prev, x)]
    return tuple(sorted([*kept, y], key=by_arrival))


def supersedes(y: Edit, prev: Prev | None, x: Edit) -> bool:
    """Whether the author of `y` had seen `x`: by base, or because `x` is the own edit that `prev` names."""
    own = x.stamp.device == y.stamp.device
    named = prev if isinstance(prev, tuple) else (y.stamp.generation, prev)
    if own and (x.stamp.generation, x.stamp.seq) == named:
        return True
    return x.stamp.is_within(y.stamp.base) and (own or not y.bound)


def _was_replaced(y: Stamp, z: Stamp) -> bool:
    """Whether `y`, arriving late, had been seen and replaced by `z`, which is here already: offered again after a
    restore, or let out of quarantine. On its own screen a device always saw what it did before."""
    if (y.device, y.generation) == (z.device, z.generation):
        return z.seq >= y.seq
    return y.is_within(z.base)


def remembered(contests: Contests, key: str, now: bool, rev: int) -> Contests:
    """The memory of when a guarded key was contested, after it is (`now`) or is not at `rev`."""
    past = contests.get(key, ())
    open_since = bool(past) and not past[-1][1]
    if now and not open_since:
        return {**contests, key: (*past, (rev, 0))}
    if open_since and not now:
        return {**contests, key: (*past[:-1], (past[-1][0], rev))}
    return contests


def by_arrival(edit: Edit) -> tuple[int, str, int, int]:
    """The order in which maximal edits are kept."""
    return edit.stamp.rev, edit.stamp.device, edit.stamp.generation, edit.stamp.seq
