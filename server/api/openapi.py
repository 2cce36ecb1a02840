"""`GET /api/openapi.json`: what phones call, for tools. The messages are those of sync/protocol.schema.json."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from server.errors import CATALOGUE

EVERYWHERE = ("not_found", "wrong_method", "internal", "busy", "disk_full", "disk_unwritable")
UPLOAD = ("Upload-Offset", "Upload-Length")
_BYTES = {"type": "integer", "minimum": 0}
_BLOB = {
    "name": "name",
    "in": "path",
    "required": True,
    "schema": {"$ref": "#/components/schemas/blob_name"},
}
BODY = ("bad_json", "bad_encoding", "too_large", "not_json")


async def get_openapi(request: Request) -> Response:
    """Nothing personal, so nobody is asked for a token."""
    return Response(document(), media_type="application/json")


@cache
def document() -> bytes:
    """The OpenAPI document as JSON."""
    text = files("sync").joinpath("protocol.schema.json").read_text(encoding="utf-8")
    schema = json.loads(text.replace('"#/$defs/', '"#/components/schemas/'))
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": schema["title"], "version": "1", "description": schema["description"]},
            "security": [{"device": []}],
            "paths": {
                "/api/enrol/peek": {
                    "post": _post("Whose code this is", "peek", (*BODY, "code_unknown", "slow_down"), open=True)
                },
                "/api/enrol": {
                    "post": _post("Use a code up for a phone", "enrol", (*BODY, "code_unknown", "slow_down"), open=True)
                },
                "/api/sync": {
                    "post": _post("Push and pull", "", (*BODY, "wrong_magic", "wrong_protocol", "unknown_device", "wrong_village"))
                },
                "/api/settled": {
                    "get": {
                        "summary": "What the office decided about own answers that stood against others",
                        "parameters": [
                            {"name": "key", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}}
                        ],
                        "responses": {
                            "200": {"description": "The decisions", "content": _json({"type": "object"})},
                            **_refusals(("unknown_device",)),
                        },
                    }
                },
                "/api/programme": {
                    "get": {
                        "summary": "Forms, lists and rules",
                        "responses": {
                            "200": {"description": "The programme", "content": _json({"type": "object"})},
                            "304": {"description": "As before (ETag)"},
                            **_refusals(("unknown_device",)),
                        },
                    }
                },
                "/api/carry": {
                    "get": {
                        "summary": "The village's key, to seal with",
                        "responses": {
                            "200": {"description": "The key", "content": _json(_ref("carry_key"))},
                            **_refusals(("unknown_device",)),
                        },
                    },
                    "post": _post("Bring sealed boxes", "carry", (*BODY, "wrong_magic", "wrong_protocol", "wrong_village"), open=True),
                },
                "/api/drafts": {
                    "post": _post("Get drafts back", "drafts", (*BODY, "wrong_magic", "wrong_protocol", "unknown_device", "wrong_village"))
                },
                "/api/blobs/{name}": {
                    "head": {
                        "summary": "How much of an attachment is here",
                        "parameters": [_BLOB],
                        "responses": {
                            "200": {
                                "description": "Bytes held, and of how many (0: not known)",
                                "headers": {name: {"schema": _BYTES} for name in UPLOAD},
                            },
                            **_refusals(("unknown_device", "blob_unnamed")),
                        },
                    },
                    "patch": {
                        "summary": "The next part of an attachment",
                        "parameters": [
                            _BLOB,
                            *({"name": name, "in": "header", "required": True, "schema": _BYTES} for name in UPLOAD)
                        ],
                        "requestBody": {
                            "required": True,
                            "content": {"application/offset+octet-stream": {"schema": {"type": "string", "format": "binary"}}},
                        },
                        "responses": {
                            "200": {"description": "How much is here now", "content": _json(_ref("blob_answer"))},
                            **_refusals(("bad_json", "too_large", "unknown_device", "blob_unnamed", "blob_offset", "blob_too_large", "blob_broken")),
                        },
                    },
                },
                "/api/openapi.json": {
                    "get": {
                        "summary": "This document",
                        "security": [],
                        "responses": {
                            "200": {"description": "OpenAPI", "content": _json({"type": "object"})},
                            **_refusals(()),
                        },
                    }
                },
            },
            "components": {
                "schemas": schema["$defs"],
                "securitySchemes": {"device": {"type": "http", "scheme": "bearer"}},
            },
        }
    )  # fmt: skip


def _post(summary: str, name: str, codes: Iterable[str], *, open: bool = False) -> dict[str, Any]:
    asked, told = (f"{name}_request", f"{name}_answer") if name else ("request", "answer")
    return {
        "summary": summary,
        **({"security": []} if open else {}),
        "requestBody": {"required": True, "content": _json(_ref(asked))},
        "responses": {
            "200": {"description": "The answer", "content": _json(_ref(told))},
            **_refusals(codes),
        },
    }


def _refusals(codes: Iterable[str]) -> dict[str, Any]:
    """Status -> the refusals that have it."""
    by_status: dict[int, list[str]] = {}
    for code in (*codes, *EVERYWHERE):
        by_status.setdefault(CATALOGUE[code].status, []).append(code)
    return {
        str(status): {"description": ", ".join(found), "content": _json(_ref("error"))}
        for status, found in sorted(by_status.items())
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
