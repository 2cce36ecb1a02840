"""Whatever stands in an address or a field: every page answers, never with a failure of its own."""

import inspect
import re
import sys
from collections.abc import Iterator
from html import unescape
from itertools import cycle
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from server.office.pages import today
from server.office.routes import pages
from server.programme import may, programme
from server.registry import uuid7
from tests.helpers import Village, create, enrol
from tests.server.office.browser import PASSWORD, Browser
from tests.server.office.test_imports import BAD, GOOD, roster, upload

HOSTILE = {
    "digits without end": "9" * 4400,
    "more than a database holds": "9223372036854775808",
    "less than nothing": "-1",
    "the last day there is": "9999-12-31",
    "the first day there is": "0001-01-01",
    "no day": "2026-02-30",
    "a day before all days": "0000-00-00",
    "the last month": "9999-12",
    "the last year": "9999",
    "NUL": "\x00",
    "half a character": b"\xed\xa0\x80",
    "digits of another script": "٣٤٥",
    "a digit that is none": "²",
    "signs that turn and join": "\u202e\u200b\ufeff\U0010ffff",
    "an exponent": "1e999",
    "separators of ours": "@@@@/..|#:,;%",
    "a long text": "长" * 400,
    "nothing": "",
}
ROLES = ("clerk", "supervisor", "county", "admin")
NEVER = {"/logout", "/static/{name:str}", "/{anything:path}"}
ASKED = re.compile(r"""(?:get|getlist|whole|_key)\(\s*["']([\w ]+)["']""")
FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
NAMED = re.compile(r"""<(?:input|select|textarea|button)\b[^>]*?\bname="([^"]+)"[^>]*>""")
VALUE = re.compile(r'\bvalue="([^"]*)"')
ATTRIBUTE = re.compile(r'(\w[\w-]*)="([^"]*)"')


class Page(NamedTuple):
    """A page of the route table, at an address where there is something to see."""

    route: Route
    path: str


@pytest.fixture
async def walked(office: Browser, sqlite_village: Village) -> list[Page]:
    """Every page of the office in a village that has one of each thing an address can name."""
    village = sqlite_village
    household = await village.household(1)
    child = await village.child(household, birth_date="2016-05-06", grade="P4")
    other = await village.child(household, name="江立夏", birth_date="2016-05-07")
    helper, pairing, pile, task, activity = (uuid7() for _ in range(5))
    await village.commit(
        create(helper, "helper", name="江老师甲", helper_kind="T", active="Y"),
        create(pairing, "pairing", child_id=child, helper_id=helper, kind="TCH", state="V", from_on="2026-01-01"),
        create(pile, "paper_pile", form="visit", filled_by="江老师甲", received_on=today(), received=3),
        create(task, "task", title="开会", due_on=today()),
        create(activity, "activity", name="读书会", occurred_on=today()),
    )  # fmt: skip
    person = await village.surveyor("a", 1)
    phone = await enrol(office.client, village.auth, person)
    await phone.sync()
    batch = await village.auth.batch_device(village.code, "名册.xlsx", "walked")
    imported = (await upload(office, roster(GOOD, BAD))).rpartition("/")[2]
    known = {
        "record": child, "a": child, "b": other, "account": person.id, "device": phone.device,
        "pile": pile, "plan": "year", "form": "water", "type": "visit", "rule": "visit_monthly",
        "key": "name", "section": "", "field": "photo", "version": "1", "village": village.code,
        "report": uuid7(), "generation": "1", "seq": "1", "work": "0" * 12, "name": "",
    }  # fmt: skip
    names = {
        "/import/{name:str}": imported, "/import/{name:str}/refused.xlsx": imported,
        "/import/undo/{device:str}": batch, "/lists/{name:str}": "coverage",
        "/lists/{name:str}/excel": "helpers", "/print/{name:str}": "work_book",
        "/export/{name:str}.xlsx": "children", "/records/new/{type:str}": "visit",
        "/activities/{record:str}": activity, "/tasks/{record:str}/state": task,
        "/records/{record:str}/edit/{section:str}": "basic",
        "/plans/{plan:str}": next(iter(programme().plans)),
        "/rules/{rule:str}": programme().rules[0].name,
        "/rules/{rule:str}/undo": programme().rules[0].name,
    }  # fmt: skip
    found = []
    for route in pages:
        assert isinstance(route, Route)
        if route.path in NEVER:
            continue
        first = next(iter(route.param_convertors), "")
        own = {first: names[route.path]} if route.path in names and first else {}
        if route.path.endswith("/{section:str}"):
            own = {"section": "basic"}
        default = "paired" if route.path.startswith("/statistics") else "annual"
        filled = {key: own.get(key) or known.get(key) or default for key in route.param_convertors}
        if route.path == "/programme/{type:str}/data.{form:str}":
            filled["form"] = "xlsx"
        found.append(Page(route, "/office" + route.path_format.format_map(filled)))
    return found


def names_of(route: Route) -> list[str]:
    """What the page's module reads out of forms and addresses."""
    module = sys.modules[inspect.unwrap(route.endpoint).__module__]
    return sorted({*ASKED.findall(inspect.getsource(module)), "page", "sort", "on", "since"})


def forms_of(text: str, path: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """(method, address, fields as they stand) of each form of a page."""
    for head, inner in FORM.findall(text):
        told = dict(ATTRIBUTE.findall(head))
        fields: dict[str, str] = {}
        for match in NAMED.finditer(inner):
            value = VALUE.search(match.group(0))
            fields.setdefault(unescape(match.group(1)), unescape(value[1]) if value else "")
        yield told.get("method", "get"), unescape(told.get("action", path)), fields


class Walker:
    """Asks, and remembers what failed."""

    def __init__(self, office: Browser) -> None:
        self.office = office
        self.failed: list[str] = []
        self.values = cycle(HOSTILE.items())
        self.requests = 0
        self.seen: set[tuple[str, ...]] = set()

    async def get(self, path: str, said: str = "") -> httpx2.Response:
        self.requests += 1
        answer = await self.office.get(path)
        self._judge(answer, f"GET {path[:120]} {said}")
        return answer

    async def post(self, path: str, data: dict[str, Any], said: str) -> None:
        self.requests += 1
        body = urlencode({**data, "csrf": self.office.token})
        own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin",
               "Content-Type": "application/x-www-form-urlencoded"}  # fmt: skip
        answer = await self.office.client.post(path, content=body.encode(), headers=own)
        self._judge(answer, f"POST {path[:120]} {said}")

    def _judge(self, answer: httpx2.Response, said: str) -> None:
        if answer.status_code >= 500:
            self.failed.append(f"{answer.status_code} {said}")

    async def addresses(self, page: Page) -> None:
        """A hostile value in each place of the address."""
        for name in page.route.param_convertors:
            words, value = next(self.values)
            good = dict.fromkeys(page.route.param_convertors, "x")
            path = "/office" + page.route.path_format.format_map({**good, name: quote(value, safe="")})  # type: ignore[call-overload]  # fmt: skip
            if "GET" in (page.route.methods or ()):
                await self.get(path, words)
            else:
                await self.post(path, {}, words)

    async def questions(self, page: Page) -> None:
        """One hostile value under all names that the page reads, and then all the others mixed."""
        names = names_of(page.route)
        words, value = next(self.values)
        mixed = dict(zip(names, (it for _, it in self.values), strict=False))
        for asked in (dict.fromkeys(names[:12], value), mixed):
            if "GET" in (page.route.methods or ()):
                await self.get(f"{page.path}?{urlencode(asked)[:60_000]}", words)
            else:
                await self.post(page.path, asked, words)

    async def forms(self, page: Page) -> None:
        """Each form as it stands, with one field made hostile; the same form of several pages once."""
        if "GET" not in (page.route.methods or ()):
            return
        shown = await self.get(page.path)
        for method, address, fields in list(forms_of(shown.text, page.path)):
            form = (re.sub(r"[0-9a-f]{12,}", "", address), *fields)
            if address in ("/office/logout", "/office/language") or form in self.seen:
                continue
            self.seen.add(form)
            for name in fields:
                words, value = next(self.values)
                if name == "csrf":
                    continue
                if method == "post":
                    await self.post(address, {**fields, name: value}, f"{name}: {words}")
                else:
                    asked = urlencode({**fields, name: value})
                    await self.get(f"{address}?{asked}", f"{name}: {words}")


async def test_no_address_and_no_field_makes_a_page_fail(
    office: Browser, walked: list[Page]
) -> None:
    walker = Walker(office)
    for page in walked:
        await walker.addresses(page)
        await walker.questions(page)
        await walker.forms(page)

    assert walker.failed == []
    assert walker.requests > 500


async def test_nor_for_any_other_role(
    app: Starlette, office: Browser, sqlite_village: Village, walked: list[Page]
) -> None:
    village = sqlite_village
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    for role in ROLES:
        assert may(role, "use_office")
        await village.auth.create_account(
            village.code, login=role, name="石大叔甲", role=role, password=PASSWORD
        )
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            other = Browser(client)
            await other.sign_in(role)
            walker = Walker(other)
            for page in walked:
                words, value = next(walker.values)
                asked = dict.fromkeys(names_of(page.route)[:12], value)
                if "GET" in (page.route.methods or ()):
                    await walker.get(f"{page.path}?{urlencode(asked)}", f"{role}: {words}")
                else:
                    await walker.post(page.path, asked, f"{role}: {words}")
            assert walker.failed == []


async def test_days_that_a_phone_with_a_broken_clock_brought_leave_every_page_standing(
    office: Browser, sqlite_village: Village, walked: list[Page]
) -> None:
    village = sqlite_village
    household = await village.household(1, surveyed_on="9999-12-31")
    kinds = {name: it for name, it in programme().types.items() if it.own is None}
    for day in ("9999-12-31", "0001-01-01", "2026-02-30", "9" * 40):
        child = await village.child(household, birth_date=day, left_since=day[:7])
        for name, kind in kinds.items():
            said: dict[str, Any] = {
                it.name: day for it in kind.fields.values() if it.type == "date"
            }
            said |= {it.name: day[:7] for it in kind.fields.values() if it.type == "month"}
            about = {"child_id": child, "household_id": household}
            said |= {key: value for key, value in about.items() if key in kind.fields}
            if said and name not in ("child", "household"):
                await village.commit(create(uuid7(), name, **said))
    walker = Walker(office)
    for page in walked:
        if "GET" in (page.route.methods or ()):
            await walker.get(page.path)

    assert walker.failed == []
