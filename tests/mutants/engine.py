"""Mistakes in sync/: causality, policies, classes, digests, clocks."""

from __future__ import annotations

from .trap import Patch, Trap, named

MERGE, SHOWN = "tests/sync/test_merge.py", "tests/sync/test_shown.py"
ALIAS, CANONICAL = "tests/sync/test_alias.py", "tests/sync/test_canonical.py"
WIRE = "tests/sync/test_wire.py"


def _in(file: str, old: str, new: str) -> tuple[Patch, ...]:
    return (Patch(f"sync/{file}.py", old, new),)


TRAPS = [
    Trap(
        "the later arrival replaces whatever is there",
        _in("merge", "    return x.stamp.is_within(y.stamp.base) and", "    return True and"),
        named(MERGE),
    ),
    Trap(
        "a delete does not know that the deleter made the record",
        _in("shown", "e.value and not any(_own_earlier(e.stamp, d) for d in deletes)", "e.value"),
        named(SHOWN),
    ),
    Trap(
        "prev of another device is honoured",
        _in(
            "merge",
            "if own and (x.stamp.generation, x.stamp.seq) == named:",
            "if (x.stamp.generation, x.stamp.seq) == named:",
        ),
        named(MERGE),
    ),
    Trap(
        "prev is not honoured",
        _in("merge", "if own and (x.stamp.generation, x.stamp.seq) == named:", "if False:"),
        named(MERGE),
    ),
    Trap(
        "an op offered again replaces what had replaced it",
        _in("merge", "if any(_was_replaced(y.stamp, z.stamp) for z in before):", "if False:"),
        named(MERGE),
    ),
    Trap(
        "anybody clears a held conflict",
        _in(
            "merge",
            "bound = watched and not authority and record.was_contested(key, stamp.base)",
            "bound = False",
        ),
        named(MERGE),
    ),
    Trap(
        "whether a key was held is asked of now, not of what the author was shown",
        _in(
            "merge",
            "record.was_contested(key, stamp.base)",
            "record.was_contested(key, record.rev)",
        ),
        named(MERGE),
    ),
    Trap(
        "a held field shows who arrived first",
        _in("shown", 'case "immutable":', 'case "immutable" | "hold":'),
        named(SHOWN),
    ),
    Trap(
        "latest is the latest arrival",
        _in("shown", "    return s.at, s.device", "    return s.rev, s.device"),
        named(SHOWN),
    ),
    Trap(
        "severe shows the latest",
        _in("shown", 'case "severe" | "hold" if policy.order:', 'case "hold" if policy.order:'),
        named(SHOWN),
    ),
    Trap(
        "a removal beats a concurrent addition to a set",
        _in(
            "shown",
            "edits = [e for e in edits if e.value] or edits",
            "edits = [e for e in edits if not e.value] or edits",
        ),
        named(SHOWN),
    ),
    Trap(
        "an element of a set goes by the latest",
        _in("shown", 'element="/" in key)', "element=False)"),
        named(SHOWN),
    ),
    Trap(
        "a set is one value: who edits one element replaces all",
        _in(
            "shown",
            "        if type(held) is set:\n            held.add(element)\n",
            "        if type(held) is set:\n            fields[name] = {element}\n",
        ),
        named(SHOWN),
    ),
    Trap(
        "delete always wins",
        _in(
            "shown",
            "return unseen, unseen",
            "return False, False",
        ),
        named(SHOWN),
    ),
    Trap(
        "an edit always wins over a delete",
        _in(
            "shown",
            "return unseen, unseen",
            "return True, True",
        ),
        named(SHOWN),
    ),
    Trap(
        "equal values that met are a conflict",
        _in(
            "shown",
            "return len(edits) > 1 and any(e.value != edits[0].value for e in edits)",
            "return len(edits) > 1",
        ),
        named(MERGE),
    ),
    Trap(
        "two who correct one phone number are not told of each other",
        _in("shown", "            _flag_rivals(name, value, contested)", "            pass"),
        named(SHOWN),
    ),
    Trap(
        "values side by side grow without end",
        _in("shown", "len(record.maximal(key)) > MOST_BOTH", "len(record.maximal(key)) > 10**6"),
        named(SHOWN),
    ),
    Trap(
        "no class check: a base past the other's rev counts as having seen it",
        _in("alias", "        return a in classes[rev][b]", "        return True"),
        named(ALIAS),
    ),
    Trap(
        "classes are asked as they are now, not as they were at the base",
        _in(
            "alias",
            "alive = [edge for edge in edges if edge.holds_at(rev)]",
            "alive = [edge for edge in edges if edge.holds]",
        ),
        named(ALIAS),
    ),
    Trap(
        "the younger of two merged records stands for both",
        _in("alias", "    return min(members)", "    return max(members)"),
        named(ALIAS),
    ),
    Trap(
        "a bound edit clears what another member of the class holds",
        _in(
            "alias",
            "    return x.stamp.is_within(y.stamp.base) and (own or not y.bound)",
            "    return x.stamp.is_within(y.stamp.base)",
        ),
        named(ALIAS),
    ),
    Trap(
        "un-merging leaves the edge",
        _in("alias", "alias.origin, ended)", "alias.origin, ())"),
        named(ALIAS),
    ),
    Trap(
        "digests are summed with XOR",
        _in(
            "digest",
            "self.a + a & _MASK, self.b + b & _MASK, self.c + c & _MASK, self.d + d & _MASK",
            "self.a ^ a, self.b ^ b, self.c ^ c, self.d ^ d",
        )
        + _in(
            "digest",
            "self.a - a & _MASK, self.b - b & _MASK, self.c - c & _MASK, self.d - d & _MASK",
            "self.a ^ a, self.b ^ b, self.c ^ c, self.d ^ d",
        )
        + _in("digest", "sum(lane) & _MASK for lane", "reduce(int.__xor__, lane) for lane")
        + _in(
            "digest",
            "from struct import Struct",
            "from functools import reduce\nfrom struct import Struct",
        ),
        named(CANONICAL),
    ),
    Trap(
        "texts are hashed as typed, not composed",
        _in("canonical", 'text = unicodedata.normalize("NFC", value)', "text = value"),
        named(CANONICAL),
    ),
    Trap(
        "a clock ahead of the server is believed",
        _in(
            "clock",
            "max(min(max(guess, contact), arrival), floor)",
            "max(guess, contact, floor)",
        ),
        named(CANONICAL),
    ),
    Trap(
        "an edit may lie before the device's last contact",
        _in("clock", "max(guess, contact)", "guess"),
        named(CANONICAL),
    ),
    Trap(
        "an op offered again is another op because of its old rev",
        _in(
            "wire",
            '        "schema": op.schema,\n',
            '        "schema": op.schema, "rev": op.rev,\n',
        ),
        named(WIRE),
    ),
    Trap(
        "what was bound is forgotten when a record is stored",
        _in(
            "wire",
            "self.origin, values, self.edits,",
            "self.origin, values, {k: tuple(Edit(e.value, e.stamp) for e in v) for k, v in self.edits.items()},",
        ),
        named(WIRE),
    ),
    Trap(
        "a phone may write the mark of a stub",
        _in("wire", " or name == STUB", ""),
        named(WIRE),
    ),
]
