"""How the village's backup stands: when the last verified one was made, and how large it is."""

from dataclasses import dataclass

from starlette.requests import Request

from server.office.security import account_of, auth_of
from server.registry import now_ms

DAY_MS = 86_400_000
MOST_DAYS = 2
"""An older one is shown in red: more than an evening's work would be lost."""


@dataclass(frozen=True, slots=True)
class BackupState:
    """`at` in ms, 0 when none was ever made; `size` in words."""

    at: int
    name: str
    size: str
    days: int

    @property
    def is_old(self) -> bool:
        return not self.at or now_ms() - self.at > MOST_DAYS * DAY_MS


async def backup_state(request: Request) -> BackupState | None:
    """What `zoufang backup` last noted, for who can see to it. None on PostgreSQL, whose backups are its own."""
    url: str = request.app.state.settings.database_url
    if not request.state.can["manage_phones"] or not url.startswith("sqlite"):
        return None
    last = await auth_of(request).last(account_of(request).village, "backup")
    if last is None:
        return BackupState(0, "", "", 0)
    days = (now_ms() - last.at) // DAY_MS
    return BackupState(last.at, last.subject, size_words(int(last.details)), days)


def size_words(size: int) -> str:
    """Bytes as people say them."""
    return f"{size / 1_048_576:.1f} MB" if size >= 1_048_576 else f"{max(1, size // 1024)} kB"
