"""PROTOCOL.md, the schema beside it, the OpenAPI document and the server say the same."""

from __future__ import annotations

import inspect
import json
import re
from typing import Any

import httpx2
import pytest

from server import app
from server.api import access, blobs, body, enrol, routes, sync
from server.auth import Auth
from server.blobs import blobs as taking
from server.errors import CATALOGUE
from sync import wire
from tests.golden.stage import Call, read
from tests.protocol import ROOT, SCHEMA, faults, faults_of_call, judge

DEFS = SCHEMA["$defs"]
PROTOCOL = (ROOT / "sync" / "PROTOCOL.md").read_text(encoding="utf-8")
RECORDED = read()


def section(heading: str) -> str:
    return PROTOCOL.partition(f"{heading}\n")[2].partition("\n### ")[0]


def table(text: str) -> dict[str, str]:
    """The first table of a text: each name in backticks of the first column -> the rest of its line."""
    lines = text[text.index("\n| field |") :].partition("\n\n")[0].splitlines()
    return {
        name: line
        for line in lines
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }


@pytest.mark.parametrize("call", RECORDED, ids=lambda call: call.name)
def test_every_recorded_message_fits_the_schema(call: Call) -> None:
    text = json.dumps([call.request, call.answer])
    request, answer = json.loads(re.sub(r"\{(?:account|token|device) [a-z]+\}", "0" * 32, text))

    assert faults_of_call(call.path, request, call.status, answer) == []


@pytest.mark.parametrize("call", RECORDED, ids=lambda call: call.name)
def test_no_recorded_question_says_more_than_the_schema(call: Call) -> None:
    if call.path == "/api/sync":
        assert set(call.request) <= set(DEFS["request"]["properties"])


@pytest.mark.parametrize(
    "name", ["no-magic", "another-protocol", "a-field-missing", "a-field-of-another-kind", "too-many-ops"]
)  # fmt: skip
def test_what_the_server_refuses_the_schema_refuses(name: str) -> None:
    [call] = [call for call in RECORDED if call.name == f"refused-{name}"]

    assert faults("request", call.request) != []


def test_ops_that_could_not_be_read_do_not_fit_the_schema() -> None:
    [call] = [call for call in RECORDED if call.name == "a-pushes-malformed"]
    unread = [v for v in call.answer["verdicts"] if v["reason"] not in ("wrong_type", "immutable")]

    assert len(unread) == 3
    for verdict in unread:
        assert faults("op", call.request["ops"][verdict["seq"] - call.request["first"]]) != []


@pytest.mark.parametrize("name", DEFS)
def test_every_part_of_the_schema_is_a_schema(name: str) -> None:
    assert judge(name) is not None


@pytest.mark.parametrize(
    ("heading", "name"),
    [("### 3.1 Request", "request"), ("An **op**:", "op"), ("A **change**:", "change"),
     ("### 3.3 Answer", "answer")],
)  # fmt: skip
def test_the_tables_of_the_protocol_have_the_fields_of_the_schema(heading: str, name: str) -> None:
    documented = table(section(heading))

    assert list(documented) != []
    assert set(documented) == set(DEFS[name]["properties"])
    optional = {field for field, line in documented.items() if "optional" in line}
    assert optional & set(DEFS[name]["required"]) == set()
    if name == "answer":  # what a client may rely on
        assert set(documented) - optional == set(DEFS[name]["required"])


def test_the_protocol_names_every_part_of_a_page() -> None:
    text = section("### 3.3 Answer").partition("A **page**:")[2]
    [shape] = re.findall(r"`(\{\"rows\".*?\})`", text)

    named = set(re.findall(r'"(\w+)"', shape)) | {"differ"}

    assert "`differ`" in text
    assert named == set(DEFS["page"]["properties"])


def test_the_example_of_an_enrolment_fits_the_schema() -> None:
    [example] = re.findall(r"```json\n(.*?)```", PROTOCOL, re.DOTALL)
    told = json.loads(example)

    assert set(told) == set(DEFS["enrol_answer"]["required"])
    for part in ("account", "village"):
        assert set(told[part]) == set(
            _resolved(DEFS["enrol_answer"]["properties"][part])["required"]
        )


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = DEFS[name] if name else schema
    return found


def test_request_and_op_are_read_by_the_very_names_of_the_schema() -> None:
    """Every field of the schema is looked for by the reader, and no other."""
    source = inspect.getsource(wire)
    of_request = set(re.findall(r'(?:_typed|_whole|_lists)\(body, "(\w+)"', source))
    of_op = set(re.findall(r'(?:_instant\(raw, |raw\.get\()"(\w+)"', source))

    assert of_request | {"magic", "protocol"} == set(DEFS["request"]["properties"])
    assert of_op == set(DEFS["op"]["properties"]) | set(DEFS["change"]["properties"])


def test_the_recordings_show_every_field_of_an_answer() -> None:
    """Save one: nothing makes a server ask for patience yet, but a phone that is asked obeys."""
    served = [call.answer for call in RECORDED if call.path == "/api/sync" and call.status == 200]

    assert set().union(*served) == set(DEFS["answer"]["properties"]) - {"retry_after"}


def test_the_refusals_of_the_protocol_are_those_of_the_server() -> None:
    """With the status of the catalogue, and none that a phone cannot meet."""
    sources: list[Any] = [access, blobs, taking, body, enrol, sync, wire, app]
    sources += [Auth.peek_code, Auth.enrol, Auth._check_attempts]
    words = {w for s in sources for w in re.findall(r'"([a-z_]+)"', inspect.getsource(s))}
    lines = PROTOCOL.partition("## 6. Refusals")[2].partition("## 7.")[0].splitlines()
    documented = {
        code: int(line.split("|")[1])
        for line in lines
        if re.match(r"\| \d{3} \|", line)
        for code in re.findall(r"`(\w+)`", line.split("|")[2])
    }

    assert documented == {code: CATALOGUE[code].status for code in words & set(CATALOGUE)}
    assert set(documented) == set(
        DEFS["error"]["properties"]["error"]["properties"]["code"]["enum"]
    )


async def test_the_openapi_document_has_every_route_and_method(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/openapi.json")
    document = answer.json()

    described = {
        (path, method.upper()) for path, ways in document["paths"].items() for method in ways
    }
    served = {
        (route.path, method)
        for route in routes
        for method in (route.methods or set()) - ({"HEAD"} if "GET" in (route.methods or ()) else set())
    }  # fmt: skip
    assert answer.headers["content-type"] == "application/json"
    assert document["openapi"].startswith("3.1.")
    assert described == served


async def test_the_openapi_document_speaks_of_the_very_schema(client: httpx2.AsyncClient) -> None:
    document = (await client.get("/api/openapi.json")).json()
    parts = document["components"]["schemas"]
    referred = set(re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(document)))

    assert set(parts) == set(DEFS)
    assert '"#/$defs' not in json.dumps(document)
    assert referred <= set(parts)
    assert {"request", "answer", "enrol_answer", "peek_answer", "error"} <= referred
    for way in (way for ways in document["paths"].values() for way in ways.values()):
        assert way["responses"]
        assert {int(status) for status in way["responses"]} <= {200, 304} | {
            sentence.status for sentence in CATALOGUE.values()
        }
