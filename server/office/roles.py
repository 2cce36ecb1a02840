"""谁能做什么: the matrices of roles as a page, asked of the same functions that every other page asks."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.auth import ROLES
from server.office import values
from server.office.pages import render
from server.office.security import actions_of, page
from server.office.text import language_of
from server.programme import may_manage, may_write, programme, projection_of

SEEN = {
    "office": "全部",
    "surveyor": "除办公室专用项",
    "volunteer": "标明的项",
    "village": "公开的项",
    "": "",
}
"""Projection -> what of a record it shows, in words."""


@page("use_office")
async def roles(request: Request) -> Response:
    """Every action by role, whose accounts a role changes, and what it reads and writes of each kind of record."""
    language = language_of(request)
    can = {role: actions_of(role) for role in ROLES}
    return render(
        request,
        "roles",
        {
            "roles": list(ROLES),
            "actions": [
                {
                    "name": name,
                    "words": values.label(label, language),
                    "cells": [can[role][name] for role in ROLES],
                }
                for name, label in programme().roles.action_labels.items()
            ],
            "accounts": [
                {"role": role, "cells": [may_manage(role, other) for other in ROLES]}
                for role in ROLES
                if any(may_manage(role, other) for other in ROLES)
            ],
            "records": [
                {"name": name, "words": values.label(kind, language), "cells": _cells(name)}
                for name, kind in programme().types.items()
                if kind.own is None
            ],
        },
    )


def _cells(type_name: str) -> list[dict[str, Any]]:
    return [
        {
            "seen": SEEN[projection_of(role, type_name)],
            "makes": may_write(role, type_name),
            "edits": any(
                may_write(role, type_name, name) for name in programme().types[type_name].fields
            ),
        }
        for role in ROLES
    ]
