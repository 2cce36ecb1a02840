"""Mistakes on the phone: in its TypeScript core, and in the phone the server's tests use."""

from __future__ import annotations

from .trap import Patch, Trap, named

PENDING, REPLY, ACKS = "model/pending", "model/reply", "model/acks"
EDITS, CANONICAL = "model/edits", "model/canonical"
SYNC = "tests/server/api/test_sync.py"


def _in(file: str, old: str, new: str) -> tuple[Patch, ...]:
    return (Patch(f"pwa/src/model/{file}.ts", old, new),)


TRAPS = [
    Trap(
        "the base is not pinned while an own edit waits",
        _in("pending", "let base = own?.base ?? basis.rev;", "let base = basis.rev;"),
        (PENDING,), phone=True,
    ),
    Trap(
        "the base is not pinned while an own edit waits",
        (Patch("tests/helpers.py", 'base = waiting[0][1]["base"] if waiting else base_now',
               "base = base_now"),),
        named(SYNC, "test_an_edit_made_while_others_arrive_keeps_the_base_it_was_made_on"),
    ),
    Trap(
        "the base is not pinned while an own edit waits",
        (Patch("tests/simulator/phone.py", "base, number = form.pinned.get(key, (form.base, 0))",
               "base, number = form.base, form.pinned.get(key, (0, 0))[1]"),),
        named("tests/simulator/test_simulator.py", "test_no_history_breaks_an_invariant"),
    ),
    Trap(
        "a later own edit does not name the one it replaces",
        _in("pending", "if (name !== undefined) change.prev[key] = name;", "void name;"),
        (PENDING,), phone=True,
    ),
    Trap(
        "a delete claims to have seen what own edits hid",
        _in("pending", "base = Math.min(base, each.base);", "base = Math.max(base, each.base);"),
        (PENDING,), phone=True,
    ),
    Trap(
        "the overlay is dropped at ack",
        _in("pending", "  if (rev === undefined) return true;\n", "  return rev === undefined;\n"),
        (PENDING,), phone=True,
    ),
    Trap(
        "an op has landed as soon as it is acked",
        _in("reply", "if (isOnOverlay(op, after, fresh) && isOnOverlay(op, before, old)) return op;", ""),
        (REPLY,), phone=True,
    ),
    Trap(
        "an ack is believed for ops this request did not carry",
        _in("acks", "at >= 0 && at < request.ops.length;", "at >= 0;"),
        (ACKS,), phone=True,
    ),
    Trap(
        "what a fork left behind is named as if it were of the new generation",
        _in("pending", "return numbers.get(name(full)) ?? full;",
            "return numbers.get(name(full)) ?? full[1];"),
        (PENDING,), phone=True,
    ),
    Trap(
        "a set is sent as one value",
        _in("edits",
            "for (const element of has) if (!had.has(element)) edits[`${name}/${element}`] = true;",
            "if (has.size !== had.size || [...has].some((element) => !had.has(element))) "
            "edits[name] = [...has] as unknown as string;"),
        (EDITS,), phone=True,
    ),
    Trap(
        "an edited phone number does not say which it replaces",
        _in("edits", "entryValue(item, item.entry);", "entryValue(item);"),
        (EDITS,), phone=True,
    ),
    Trap(
        "a bucket that differs is wiped",
        _in("reply", "      taken.mismatched.push(bucket);\n",
            "      taken.mismatched.push(bucket);\n"
            "      for (const id of held.keys()) changes.set(id, null);\n"),
        (REPLY,), phone=True,
    ),
    Trap(
        "the server's digest is taken over",
        _in("reply", "const digest = toHex(summed(fromHex(before.digest), held, changes));",
            "const digest = page.digest ?? toHex(summed(fromHex(before.digest), held, changes));"),
        (REPLY,), phone=True,
    ),
    Trap(
        "the digest is over what was delivered, not over what is held",
        _in("reply", "    if (old) sum = subtract(sum, lanesOf(old));\n", ""),
        (REPLY,), phone=True,
    ),
    Trap(
        "the digest is over the overlay",
        (Patch("tests/helpers.py", "return digest_of(list(self.rows.get(bucket, {}).values()))",
               "return digest_of([[*row[:3], self.shown(row[0]), *row[4:]] "
               "for row in self.rows.get(bucket, {}).values()])"),),
        named(SYNC, "test_an_edit_made_while_others_arrive_keeps_the_base_it_was_made_on"),
    ),
    Trap(
        "half a bucket is compared",
        _in("reply", "else if (!page.more && page.digest !== undefined) {", "else {"),
        (REPLY,), phone=True,
    ),
    Trap(
        "digests are summed with XOR",
        _in("canonical",
            "return [(a[0] + b[0]) >>> 0, (a[1] + b[1]) >>> 0, (a[2] + b[2]) >>> 0, "
            "(a[3] + b[3]) >>> 0];",
            "return [(a[0] ^ b[0]) >>> 0, (a[1] ^ b[1]) >>> 0, (a[2] ^ b[2]) >>> 0, "
            "(a[3] ^ b[3]) >>> 0];"),
        (CANONICAL,), phone=True,
    ),
    Trap(
        "keys are sorted by UTF-16 units",
        _in("canonical", "byCodePoint(composed.get(a) ?? a, composed.get(b) ?? b)", "(a < b ? -1 : 1)"),
        (CANONICAL,), phone=True,
    ),
    Trap(
        "an op lands while rows are still to come",
        _in("pending", "buckets.every((bucket) => !bucket.more && bucket.cursor >= rev)",
            "buckets.every((bucket) => bucket.cursor >= rev)"),
        (PENDING,), phone=True,
    ),
    Trap(
        "what a fork's branches share is offered again",
        _in("reply", "const done = acknowledge(known.ops, request, answer, now);\n    return forked",
            "const done = { ops: [...known.ops], acked: [] };\n    return forked"),
        (ACKS, REPLY), phone=True,
    ),
    Trap(
        "a cursor goes back",
        _in("reply", "cursor: Math.max(before.cursor, page.cursor)", "cursor: page.cursor"),
        (REPLY,), phone=True,
    ),
    Trap(
        "rows with own edits go with their bucket",
        _in("reply", "const isAwaited = needed.has(id) || (since > 0 && !isReached(since, cursors));",
            "const isAwaited = since > 0 && !isReached(since, cursors);"),
        (REPLY,), phone=True,
    ),
    Trap(
        "a moved record vanishes between two pages",
        _in("reply", "const isAwaited = needed.has(id) || (since > 0 && !isReached(since, cursors));",
            "const isAwaited = needed.has(id);"),
        (REPLY,), phone=True,
    ),
    Trap(
        "a new epoch changes nothing: lost ops are not offered again",
        _in("acks", "return wasStored && isLost ? again(op) : op;",
            "return wasStored && isLost && !isRestored ? again(op) : op;"),
        (ACKS,), phone=True,
    ),
    Trap(
        "an op offered again has forgotten its old rev",
        _in("acks", "was: [...(op.was ?? []), rev]", "was: [rev]"),
        (ACKS,), phone=True,
    ),
    Trap(
        "acked ops are forgotten before a backup holds them",
        _in("acks", "        ? op.seq <= kept\n", "        ? kept < Infinity\n"),
        (ACKS,), phone=True,
    ),
]  # fmt: skip
