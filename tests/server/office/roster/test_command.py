"""`zoufang import`: what it prints and when it writes."""

import pytest

from server.auth import Auth
from server.office.roster import Options, read
from server.office.roster.command import Outcome, run
from server.registry import Registry
from tests.server.office.roster import rosters
from tests.server.office.roster.test_apply import AUTHOR, counted, found_village
from tests.server.office.roster.test_bad_files import with_macro
from tests.server.office.roster.village import TODAY


async def command(
    registry: Registry,
    code: str,
    data: bytes,
    options: Options | None = None,
    *,
    do_apply: bool = False,
    lang: str = "zh",
) -> Outcome:
    return await run(
        registry, Auth(registry.database), village=code, data=data, filename="花名册.xlsx",
        author=AUTHOR, today=TODAY, options=options, do_apply=do_apply, lang=lang,
    )  # fmt: skip


async def test_without_apply_it_shows_and_writes_nothing(
    sqlite_registry: Registry, code: str
) -> None:
    await found_village(sqlite_registry, code)

    outcome = await command(sqlite_registry, code, rosters.doubtful())

    assert outcome.done
    for line in ("名册行数：7", "儿童 5", "表内重复：1", "退回：1", "--apply"):
        assert line in outcome.text
    assert await counted(sqlite_registry, code) == {"grid": 6}


async def test_with_apply_it_writes_and_hands_back_the_refused_rows(
    sqlite_registry: Registry, code: str
) -> None:
    await found_village(sqlite_registry, code)

    outcome = await command(sqlite_registry, code, rosters.doubtful(), do_apply=True)

    assert "已导入。" in outcome.text
    assert (await counted(sqlite_registry, code))["child"] == 5
    assert len(read(outcome.refused, "x.xlsx").sheets[0].rows) == 2


async def test_a_second_apply_says_there_is_nothing_to_write(
    sqlite_registry: Registry, code: str
) -> None:
    await found_village(sqlite_registry, code)
    await command(sqlite_registry, code, rosters.merged(), do_apply=True)

    outcome = await command(sqlite_registry, code, rosters.merged(), do_apply=True)

    assert "没有要写入的内容。" in outcome.text
    assert "台账已有：3" in outcome.text


async def test_it_speaks_english(sqlite_registry: Registry, code: str) -> None:
    await found_village(sqlite_registry, code)

    outcome = await command(sqlite_registry, code, rosters.refused(), lang="en")

    for words in ("refused: 10", "no child's name", "children 1", "nothing was written"):
        assert words in outcome.text


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_bad_file_is_a_sentence(sqlite_registry: Registry, code: str, lang: str) -> None:
    await found_village(sqlite_registry, code)

    outcome = await command(sqlite_registry, code, with_macro(), lang=lang)

    assert not outcome.done
    assert ("宏" if lang == "zh" else "macros") in outcome.text
