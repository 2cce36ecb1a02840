"""The rules of merging: (record, change) -> record. Pure: same input, same output, for ever.

The theory in short
-------------------
The server is the only sequencer: every op gets one `rev` in commit order. A change carries `base`, the rev of
the record as its author saw it when the form opened, and per key `prev`, the author's own pending edit that it
replaces. So we know exactly who saw what:

    an edit x is superseded by an edit y of the same key
        iff  rev(x) <= base(y)                      y's author was shown x, or something that replaced x
        or   x is named by prev(y)                  y's author wrote x, and the server had not told yet

For every key we keep all edits that no other edit supersedes: the maximal edits. One of them, or several with
equal values, is no conflict. Several that differ are a conflict, and then a policy picks what is *shown*.
Nothing concurrent is ever destroyed; a later edit that has seen them all (a person decides) replaces them.

Two properties follow and are tested: the state does not depend on the order of arrival, and merging an op
twice changes nothing.

Sets and lists need no rules of their own: every element is a key (`hobby/03`, `phones/k3f9`), put in or taken
out by edits with the same causality. A concurrent add and removal leave both edits; adding shows.

Deleting is an edit of the key `present`. A delete that has not seen some edit of the record does not win:
the record stays visible and contested. Losing a child is worse than keeping a ghost.

Change together: `Record` in model.py, `shown.py` (what people see), PROTOCOL.md §5, the phone's overlay.
"""

from __future__ import annotations

from .model import Change, Edit, Record, Stamp


def created(change: Change, stamp: Stamp) -> Record:
    """The record that a change makes of nothing."""
    return Record(change.record, change.type, stamp.rev, stamp, change.set)


def merged(record: Record | None, change: Change, stamp: Stamp) -> Record:
    """The record after a change. `stamp.base` is the change's base, clipped to what can have been seen."""
    if record is None:
        return created(change, stamp)
    values = dict(record.values)
    edits = dict(record.edits)
    for key, value in change.set.items():
        edit = Edit(value, stamp)
        kept = [x for x in record.maximal(key) if not supersedes(edit, change.prev.get(key), x)]
        values.pop(key, None)
        edits[key] = tuple(sorted([*kept, edit], key=_by_arrival))
    return Record(record.id, record.type, max(record.rev, stamp.rev), record.origin, values, edits)


def supersedes(y: Edit, prev: int | None, x: Edit) -> bool:
    """Whether the author of `y` had seen `x`: by base, or because `x` is the own edit that `prev` names."""
    if x.stamp.rev <= y.stamp.base:
        return True
    own = x.stamp.device == y.stamp.device and x.stamp.generation == y.stamp.generation
    return own and x.stamp.seq == prev


def _by_arrival(edit: Edit) -> tuple[int, str, int, int]:
    return edit.stamp.rev, edit.stamp.device, edit.stamp.generation, edit.stamp.seq
