"""What is counted."""

from __future__ import annotations

from typing import NamedTuple


class Tally(NamedTuple):
    """What one series of kills came to."""

    what: str
    kills: int
    acknowledged: int
    lost: int
    """Acknowledged, and missing in the end."""
    surplus: int
    """There in the end, and made by nobody: work stored twice."""
