"""The `zoufang` command as an administrator meets it: alone, and beside a running server."""

import asyncio
import io
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from signal import SIGTERM
from typing import NamedTuple, TypeVar

import pytest

from server.__main__ import main
from server.auth import Auth
from server.registry import Registry, Village
from tests.helpers import change, new_village, op
from tests.server.office.roster import rosters

T = TypeVar("T")
PATIENCE_S = 30
CODE, NAME = "990000101299", "试验村"


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def zoufang(*arguments: str | Path, typed: str = "") -> Done:
    """The command's `main`, in this process: a fresh one would take a second for its imports."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["zoufang", *map(str, arguments)])
        patch.setattr(sys, "stdin", io.StringIO(typed))
        patch.setenv("LC_ALL", "en_GB.UTF-8")
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1 if end.code else 0
            err.write(end.code if isinstance(end.code, str) else "")
    return Done(code, out.getvalue(), err.getvalue())


def look(data: Path, question: Callable[[Registry], Awaitable[T]]) -> T:
    async def ask() -> T:
        registry = await Registry.open(f"sqlite:///{data / 'zoufang.db'}")
        try:
            return await question(registry)
        finally:
            await registry.close()

    return asyncio.run(ask())


def village_of(data: Path) -> Village:
    return look(data, Registry.villages)[0]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with one village and one surveyor."""
    folder = tmp_path / "data"
    grid = ["--role", "surveyor", "--grid", CODE + "01", "--phone-only"]
    assert zoufang("add-village", CODE, NAME, "--data", folder).returncode == 0
    added = zoufang("add-user", "diaocha", "--name", "谷调查甲", *grid, "--data", folder)
    assert added.returncode == 0
    return folder


@pytest.fixture
def address(data: Path) -> Iterator[str]:
    """A server that runs on the data folder."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "server", "serve", "--port", str(port), "--data", str(data)]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    with server:
        assert str(port) in server.stderr.readline()
        yield f"http://127.0.0.1:{port}"
        server.terminate()
        assert server.wait(PATIENCE_S) == -SIGTERM


def test_an_enrolment_code_stands_alone_on_the_first_line(data: Path) -> None:
    made = zoufang("enrol-code", "diaocha", "--data", data)
    code = made.stdout.splitlines()[0]

    account, _ = look(data, lambda registry: Auth(registry.database).peek_code(code))

    assert account.name == "谷调查甲"


def test_a_password_is_read_from_standard_input(data: Path) -> None:
    options = ["--name", "安文书甲", "--role", "clerk", "--data", str(data)]
    added = zoufang("add-user", "wenshu", *options, typed="a long secret 77\n")

    assert added.returncode == 0
    assert look(
        data, lambda registry: Auth(registry.database).sign_in(CODE, "wenshu", "a long secret 77")
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["add-village", "12", "x"], "has 12 digits"),
        (["add-village", CODE, "x"], "is there already"),
        (["enrol-code", "nobody"], "has no account nobody"),
        (["enrol-code", "diaocha", "--village", "990000101298"], f"There are: {CODE} {NAME}"),
        (["add-user", "diaocha", "--name", "x", "--role", "clerk", "--phone-only"], "is taken"),
        (["add-user", "y", "--name", "x", "--role", "king", "--phone-only"], "no such role"),
        (["restore", "nowhere.db"], "There is no nowhere.db"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else "",
)
def test_what_can_not_be_done_is_a_sentence(
    data: Path, arguments: list[str], sentence: str
) -> None:
    done = zoufang(*arguments, "--data", data)

    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_restored_village_is_a_new_lineage_with_numbers_never_given_before(
    data: Path, tmp_path: Path
) -> None:
    before = village_of(data)
    assert zoufang("backup", tmp_path / "evening.db", "--data", data).returncode == 0

    assert zoufang("restore", tmp_path / "evening.db", "--data", tmp_path / "new").returncode == 0

    after = village_of(tmp_path / "new")
    assert (after.code, after.name) == (before.code, before.name)
    assert after.epoch != before.epoch
    assert after.rev >= before.rev + 1_000_000
    assert village_of(data) == before


def test_a_backup_is_restored_into_an_empty_folder_only(data: Path, tmp_path: Path) -> None:
    zoufang("backup", tmp_path / "evening.db", "--data", data)
    before = village_of(data)

    refused = zoufang("restore", tmp_path / "evening.db", "--data", data)

    assert refused.returncode == 1
    assert "empty data folder" in refused.stderr
    assert village_of(data) == before


def test_a_damaged_backup_is_not_restored(data: Path, tmp_path: Path) -> None:
    backup = tmp_path / "evening.db"
    zoufang("backup", backup, "--data", data)
    content = bytearray(backup.read_bytes())
    content[4096:4400] = b"\xff" * 304
    backup.write_bytes(content)

    refused = zoufang("restore", backup, "--data", tmp_path / "new")

    assert refused.returncode == 1
    assert "damaged" in refused.stderr
    assert not (tmp_path / "new" / "zoufang.db").exists()


def test_the_doctor_names_the_lineage_and_finds_the_database_sound(data: Path) -> None:
    done = zoufang("doctor", "--data", data)

    assert done.returncode == 0
    assert "Integrity check: sound" in done.stdout
    assert f"{CODE} {NAME}: epoch {village_of(data).epoch}, rev 0" in done.stdout
    assert re.search(r"audit: \d+ lines, unbroken", done.stdout)


def test_the_doctor_finds_a_torn_page(data: Path) -> None:
    with (data / "zoufang.db").open("r+b") as file:
        file.seek(4096 * 2)
        file.write(b"\xff" * 4096)

    done = zoufang("doctor", "--data", data)

    assert done.returncode == 1
    assert "damaged" in done.stdout


def test_commands_work_beside_a_running_server(data: Path, address: str, tmp_path: Path) -> None:
    code = zoufang("enrol-code", "diaocha", "--data", data)
    doctor = zoufang("doctor", "--data", data)
    backup = zoufang("backup", tmp_path / "evening.db", "--data", data)

    body = f'{{"code": "{code.stdout.splitlines()[0]}"}}'.encode()
    request = urllib.request.Request(
        f"{address}/api/enrol/peek", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        assert "谷调查甲" in answer.read().decode()
    assert "a server is running" in doctor.stdout
    assert f"{CODE} {NAME}" in doctor.stdout
    assert "verified" in backup.stdout


def test_a_data_folder_has_one_server(data: Path, address: str) -> None:
    second = zoufang("serve", "--port", "0", "--data", data)

    assert second.returncode == 1
    assert "A server is already using" in second.stderr


def test_a_port_in_use_is_a_sentence(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = zoufang("serve", "--port", str(taken.getsockname()[1]), "--data", data)

    assert refused.returncode == 1
    assert "could not start" in refused.stderr


def imported(data: Path, roster: bytes, *options: str | Path) -> Done:
    file = data.parent / "花名册.xlsx"
    file.write_bytes(roster)
    return zoufang("import", file, "--create-grids", *options, "--data", data)


def children(data: Path) -> int:
    return len(look(data, lambda registry: registry.rows(CODE, "child")))


def test_a_roster_is_shown_first_and_imported_when_told_to(data: Path) -> None:
    previewed = imported(data, rosters.clean())
    before = children(data)
    applied = imported(data, rosters.clean(), "--apply")

    assert (previewed.returncode, applied.returncode) == (0, 0)
    assert before == 0
    assert children(data) > 0


def test_a_roster_goes_through_the_running_server_and_its_refused_rows_come_back(
    data: Path, address: str, tmp_path: Path
) -> None:
    done = imported(data, rosters.refused(), "--apply", "--refused", tmp_path / "refused.xlsx")

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "refused.xlsx").read_bytes().startswith(b"PK")


@pytest.mark.parametrize("options", [[], ["--as-of", "2026-13-77"]], ids=["garbage", "no day"])
def test_what_is_no_roster_is_a_sentence(data: Path, options: list[str]) -> None:
    done = imported(data, rosters.clean() if options else b"not Excel", *options, "--apply")

    assert done.returncode == 1
    assert done.stderr
    assert "Traceback" not in done.stderr
    assert children(data) == 0


async def test_a_backup_lets_phones_forget_what_it_holds(tmp_path: Path) -> None:
    registry = await Registry.open(f"sqlite:///{tmp_path / 'zoufang.db'}")
    village = await new_village(registry, Auth(registry.database), "990000101201")
    home, phone = await village.household(), await village.device()
    await village.push(phone, 1, op(change(home, "household", 99, population=4)))
    await registry.close()

    done = await asyncio.to_thread(zoufang, "backup", tmp_path / "evening.db", "--data", tmp_path)

    registry = await Registry.open(f"sqlite:///{tmp_path / 'zoufang.db'}")
    village.registry = registry
    pushed = await village.push(phone, 2, op(change(home, "household", 99, population=5)))
    await registry.close()
    assert done.returncode == 0, done.stderr
    assert pushed.kept == 1
