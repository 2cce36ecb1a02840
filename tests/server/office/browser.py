"""A browser as far as the office needs one: cookies, the headers a browser sends, the page's token."""

import re
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any

import httpx2

PASSWORD = "qinghe-2026-test"
Fields = Mapping[str, str | Sequence[str]]


class Browser:
    """Pages by address; `token` is what the last page carried for its posts."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client
        self.token = ""

    async def get(self, path: str, **headers: str) -> httpx2.Response:
        answer = await self.client.get(path, headers=headers)
        if found := re.search(r'name="csrf" value="([0-9a-f]+)"', answer.text):
            self.token = found[1]
        return answer

    async def post(
        self, path: str, data: Fields | None = None, *, files: Any = None, **headers: str
    ) -> httpx2.Response:
        """Post a form of the page last seen, as that page's own script or button would."""
        sent = {"csrf": self.token, **(data or {})}
        own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin", **headers}
        return await self.client.post(path, data=sent, files=files, headers=own)

    async def sign_in(self, login: str, password: str = PASSWORD) -> httpx2.Response:
        answer = await self.post("/office/login", {"login": login, "password": password})
        await self.get("/office/")
        return answer


def words(answer: httpx2.Response) -> str:
    """What a page says, without its tags."""
    text = re.sub(r"<(script|style)\b.*?</\1>", "", answer.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def hidden(answer: httpx2.Response, name: str) -> str:
    """The value of a hidden field of the page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
    assert found, f"the page has no field {name}"
    return unescape(found[1])


def assert_refused(answer: httpx2.Response, status: int, code: str) -> None:
    """A refusal is a page with the catalogue's code, and nobody keeps it."""
    assert answer.status_code == status
    assert code in answer.text
    assert answer.headers["cache-control"] == "no-store"
