"""What is exported can be read without us, and opens no door."""

import csv
from pathlib import Path

import pytest

from server.auth import Auth
from server.blobs.statements import PUT_CHUNK
from server.commands.export import export
from server.commands.words import Refusal
from server.database import Work, ask, schema
from server.database.statement import insert_new
from server.registry import Registry, uuid7
from tests.helpers import create, new_village

PASSWORD = "qinghe-2026-geheim"
PICTURE = "a" * 64 + ".jpg"


def _picture(village: str) -> Work[None]:
    yield ask(
        insert_new(schema.blob), village=village, name=PICTURE, size=4, held=4, device="d",
        created_at=1, done_at=1,
    )  # fmt: skip
    for start, part in ((0, b"ab"), (2, b"cd")):
        yield ask(PUT_CHUNK, village=village, name=PICTURE, start=start, bytes=part)


async def a_database(folder: Path, code: str) -> Path:
    registry = await Registry.open(f"sqlite:///{folder / 'zoufang.db'}")
    village = await new_village(registry, Auth(registry.database), code)
    await village.auth.create_account(
        code, login="cunguan", name="方村官甲", role="official", password=PASSWORD
    )
    home = await village.household(location_hint="=1+1，桥头")
    await village.child(home, name="石惊蛰", **{"hobby/01": True})
    await village.commit(
        create(uuid7(), "visit", household_id=home, occurred_on="2026-11-02", note="一\n二")
    )
    await registry.database.write(_picture(code))
    await registry.close()
    return folder / "zoufang.db"


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


async def test_records_the_log_pictures_and_forms_come_out_as_plain_files(
    tmp_path: Path, code: str
) -> None:
    database, folder = await a_database(tmp_path, code), tmp_path / "out"

    lines = export(database, folder)

    [child] = table(folder / "records" / code / "child.csv")
    assert (child["name"], child["hobby"]) == ("石惊蛰", '["01"]')
    [home] = table(folder / "records" / code / "household.csv")
    assert home["location_hint"] == "=1+1，桥头"
    [visit] = table(folder / "records" / code / "visit.csv")
    assert visit["note"] == "一\n二"
    assert any("石惊蛰" in row["body"] for row in table(folder / "tables" / "op.csv"))
    assert (folder / "blobs" / code / PICTURE).read_bytes() == b"abcd"
    assert b"<h:html" in (folder / "forms" / "visit.xml").read_bytes()
    about = (folder / "README.txt").read_text(encoding="utf-8-sig")
    assert f"{code}/child.csv: 1" in lines
    assert all(line in about for line in lines)


async def test_nothing_that_opens_a_door_is_in_it(tmp_path: Path, code: str) -> None:
    database, folder = await a_database(tmp_path, code), tmp_path / "out"

    export(database, folder)

    names = {path.name for path in (folder / "tables").iterdir()}
    assert not names & {"session.csv", "enrol_code.csv", "attempt.csv", "carry_key.csv"}
    [account] = [it for it in table(folder / "tables" / "account.csv") if it["login"] == "cunguan"]
    assert "password" not in account
    assert "token" not in table(folder / "tables" / "device.csv")[0]
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"argon2" not in everything


async def test_a_folder_that_is_there_is_left_alone(tmp_path: Path, code: str) -> None:
    database, folder = await a_database(tmp_path, code), tmp_path / "out"
    folder.mkdir()

    with pytest.raises(Refusal):
        export(database, folder)

    assert list(folder.iterdir()) == []


async def test_nobody_else_on_the_machine_opens_the_folder(tmp_path: Path, code: str) -> None:
    database = await a_database(tmp_path, code)

    export(database, tmp_path / "out")

    assert (tmp_path / "out").stat().st_mode & 0o077 == 0
