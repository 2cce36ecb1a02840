"""Corrected time. Clocks never order what causality orders; they only break ties among concurrent edits.

A phone's clock may be hours or years wrong, and is never a reason to refuse anything. What is certain is an
interval: an edit was made after the device last heard the server (`contact`) and before it arrived.
"""

from __future__ import annotations


def corrected(at: int, *, offset: int | None, contact: int, arrival: int, floor: int) -> int:
    """The instant of an edit in server time, ms.

    `at` is the device's clock at save; `offset` is server minus device clock while sending, or None when the
    device's clock has been changed in between. `floor` is the corrected time of the device's previous op.
    The answer lies in [contact, arrival], never before `floor`, and is computed once, at first acceptance.
    """
    guess = at if offset is None else at + offset
    return max(min(max(guess, contact), arrival), floor)
