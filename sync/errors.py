"""What can be wrong with something a device sent, as data; the server decides how to answer it."""

from __future__ import annotations


class SyncError(Exception):
    """Never raised itself: one of the two kinds below."""


class Malformed(SyncError):
    """One change that cannot be read. It is kept raw and answered; nothing behind it waits."""

    def __init__(self, reason: str, change: int = -1) -> None:
        super().__init__(reason)
        self.reason = reason
        """A short stable word, e.g. `bad_key`; listed in PROTOCOL.md §4."""
        self.change = change
        """Position in the op, -1 for the op as a whole."""


class BadEnvelope(SyncError):
    """A request that is refused whole, having changed nothing (PROTOCOL.md §6)."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details
