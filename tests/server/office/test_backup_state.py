"""The first page says how the backup stands, and in red when it is missing or old."""

from pathlib import Path

import pytest

from server.auth import Auth
from server.commands.duties import note_backup
from server.office import backup_state
from server.office.backup_state import DAY_MS, size_words
from server.registry import now_ms
from tests.helpers import Village
from tests.server.office.browser import PASSWORD, Browser, words


async def note(village: Village) -> None:
    auth = Auth(village.registry.database)
    await note_backup(village.registry, auth, held=[], name=Path("a.db").name, size=3_250_000)


async def test_without_a_backup_it_is_red(office: Browser, sqlite_village: Village) -> None:
    page = await office.get("/office/")

    assert "还没有备份" in words(page)
    assert "zoufang backup" in words(page)


async def test_a_fresh_backup_is_told_with_age_and_size_and_is_in_the_audit(
    office: Browser, sqlite_village: Village
) -> None:
    await note(sqlite_village)

    said = words(await office.get("/office/"))

    assert "已备份，校验过 今天" in said
    assert "3.1 MB a.db" in said
    assert "备份 a.db · 3.1 MB" in words(await office.get("/office/audit"))


async def test_one_older_than_two_days_is_red(
    office: Browser, sqlite_village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    await note(sqlite_village)
    later = now_ms() + 3 * DAY_MS
    monkeypatch.setattr(backup_state, "now_ms", lambda: later)

    assert "3 天没有备份" in words(await office.get("/office/"))


async def test_who_cannot_see_to_it_is_not_told(visitor: Browser, sqlite_village: Village) -> None:
    await sqlite_village.auth.create_account(
        sqlite_village.code, login="du", name="田督导甲", role="supervisor", password=PASSWORD
    )
    await visitor.sign_in("du")

    assert "还没有备份" not in words(await visitor.get("/office/"))


def test_sizes_are_said_as_people_say_them() -> None:
    assert [size_words(it) for it in (10, 4096, 3_250_000)] == ["1 kB", "4 kB", "3.1 MB"]
