"""Commands reach the running server, and nobody else's words do."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from server.commands import orders
from server.commands.lock import Held, hold
from server.commands.orders import Address, Answer, Order
from server.commands.words import Refusal, say

Taken = list[tuple[str, dict[str, Any]]]


@pytest_asyncio.fixture
async def taken(tmp_path: Path) -> AsyncIterator[Taken]:
    """The orders that a server listening beside tmp_path has carried out."""
    done: Taken = []

    async def obey(command: str, arguments: dict[str, Any]) -> Answer:
        done.append((command, arguments))
        return Answer(say("好", "done"), files={"refused.xlsx": b"\x00\x01"})

    async with orders.listening(tmp_path, obey):
        yield done


async def test_an_order_is_carried_out_and_its_files_come_back(
    tmp_path: Path, taken: Taken
) -> None:
    answer = await asyncio.to_thread(orders.send, tmp_path, "import", {"content": b"\xff\x00"})

    assert taken == [("import", {"content": b"\xff\x00"})]
    assert answer.done
    assert answer.files == {"refused.xlsx": b"\x00\x01"}


@pytest.mark.parametrize(
    ("locale", "text"), [("zh_CN.UTF-8", "好"), ("C.UTF-8", "好"), ("en_GB.UTF-8", "done")]
)
async def test_the_server_speaks_the_language_of_the_terminal(
    tmp_path: Path, taken: Taken, monkeypatch: pytest.MonkeyPatch, locale: str, text: str
) -> None:
    monkeypatch.setenv("LC_ALL", locale)

    answer = await asyncio.to_thread(orders.send, tmp_path, "import", {})

    assert answer.text == text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xc1 not an order",
        msgspec.msgpack.encode(Order("someone else's token", "import", {}, False)),
        msgspec.msgpack.encode(Order("口令", "import", {}, False)),
    ],
    ids=["empty", "garbage", "foreign token", "token that is not ascii"],
)
async def test_what_is_no_order_of_ours_is_dropped(
    tmp_path: Path, taken: Taken, body: bytes
) -> None:
    address = msgspec.json.decode((tmp_path / orders.ADDRESS).read_bytes(), type=Address)

    def answer() -> bytes:
        with socket.create_connection(("127.0.0.1", address.port)) as connection:
            connection.sendall(body)
            connection.shutdown(socket.SHUT_WR)
            return connection.recv(1)

    assert await asyncio.to_thread(answer) == b""
    assert taken == []


async def test_only_the_owner_can_read_where_orders_go(tmp_path: Path, taken: Taken) -> None:
    assert (tmp_path / orders.ADDRESS).stat().st_mode & 0o777 == 0o600


def test_a_server_that_does_not_answer_is_refused_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "PATIENCE_S", 0.0)

    with pytest.raises(Refusal, match="does not answer"):
        orders.send(tmp_path, "import", {})


def test_a_data_folder_has_one_holder_at_a_time(tmp_path: Path) -> None:
    with hold(tmp_path / "data"), pytest.raises(Held), hold(tmp_path / "data"):
        pass

    with hold(tmp_path / "data"):
        pass
