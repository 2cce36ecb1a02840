"""What comes back in a form or an address, read once for all pages: whole numbers and days. Anything may stand there;
nobody's digits without end, and no day that no calendar of ours could reckon with, are ever computed with."""

from __future__ import annotations

from datetime import date

LARGEST = 2**53
"""No number that a page of ours holds is larger, and a database could not keep one far beyond."""
FIRST_DAY, LAST_DAY = "1900-01-01", "2199-12-31"


def whole(text: object, *, least: int = 0, most: int = LARGEST) -> int | None:
    """A whole number in plain digits, within bounds; None for anything else."""
    if not isinstance(text, str) or not (text.isascii() and text.isdecimal()) or len(text) > 16:
        return None
    number = int(text)
    return number if least <= number <= most else None


def day(text: object) -> str | None:
    """A day as `YYYY-MM-DD`, of these centuries; None for anything else."""
    if not isinstance(text, str) or len(text) != 10 or not text.isascii():
        return None
    try:
        found = date.fromisoformat(text).isoformat()
    except ValueError:
        return None
    return found if found == text and FIRST_DAY <= found <= LAST_DAY else None
