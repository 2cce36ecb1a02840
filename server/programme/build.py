"""Compiles the programme's tables into compiled.json: `python -m server.programme.build`.

The only part of the programme that needs pyxform and elementpath. It runs when a table was changed;
a running server reads the result. `--stdout` prints instead of writing.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from server.forms.compile import compile_markdown
from server.forms.expression import parse
from server.programme import calendar, source

COMPILED = source.HERE / "compiled.json"


def compiled() -> dict[str, Any]:
    """Everything `server.programme` loads, as JSON values."""
    return {
        "source": source.fingerprint(),
        "types": {name: _type(name) for name in source.TYPES},
        "lists": source.lists(),
        "rules": _rules(),
        "calendar": _calendar(),
        "plans": source.tables_of("plans.md"),
        "roles": _roles(),
        "indicators": source.tables_of("indicators.md")["indicator"],
    }


def text() -> str:
    """compiled.json's text: a line a field or choice, so that changes can be read in a diff."""
    return json.dumps(compiled(), ensure_ascii=False, indent=1) + "\n"


def _type(name: str) -> dict[str, Any]:
    settings = source.settings_of(name)
    form = compile_markdown(source.assemble(name))
    form.pop("lists")
    _inline(form["fields"])
    form["label"] = {"zh": settings["form_title"], "en": settings["form_title_en"]}
    return {
        "kind": settings["kind"],
        "home": settings["home"],
        "office_when": settings.get("office_when", ""),
        "form": form,
    }


_CONDITIONS = ("required", "relevant", "constraint", "default", "choice_filter", "readonly")


def _inline(fields: list[dict[str, Any]]) -> None:
    """Puts the formula of a computed field wherever the field is read: it is in no row, so that
    neither phone nor server would find a value there."""
    formulas = {field["name"]: field["calculation"] for field in fields if field["calculation"]}

    def replaced(tree: Any) -> Any:
        if not isinstance(tree, list):
            return tree
        if tree[0] == "field" and tree[1] in formulas:
            return replaced(formulas[tree[1]])
        return [replaced(part) for part in tree]

    for field in fields:
        for key in _CONDITIONS:
            field[key] = replaced(field[key])


def _rules() -> list[dict[str, Any]]:
    tables = source.tables_of("rules.md")
    return [
        {
            "name": row["rule"],
            "on": row["on"] in ("yes", "always"),
            "always": row["on"] == "always",
            "events": row["event"].split(),
            "subject": row["subject"],
            "by": row["by"],
            "start": row["start"],
            "times": int(row["times"] or 1),
            "helpers": row["helpers"].split(),
            "label": {"zh": row["label::中文 (zh)"], "en": row["label::English (en)"]},
            "counts_if": parse(row["counts_if"] or "true()"),
            "applies_if": parse(row["applies_if"] or "true()"),
            "every_days": {
                period["value"]: int(period["every_days"])
                for period in tables["period of"]
                if period["period of"] == row["rule"]
            },
            "bounds": {
                period["value"]: [int(period["least"]), int(period["most"])]
                for period in tables["period of"]
                if period["period of"] == row["rule"]
            },
            "source": row["source"],
        }
        for row in tables["rule"]
    ]


def _calendar() -> dict[str, Any]:
    tables = source.tables_of("rules.md")
    return calendar.days_of(tables["festival"], tables["season"])


def _roles() -> dict[str, Any]:
    tables: dict[str, list[source.Row]] = {
        "actions": [],
        "records": [],
        "fields": [],
        "accounts": [],
    }
    text = (source.HERE / "roles.md").read_text(encoding="utf-8")
    for name, rows in zip(tables, source.plain_tables(text), strict=True):
        tables[name] = rows
    return tables


def main() -> None:
    if "--stdout" in sys.argv[1:]:
        sys.stdout.buffer.write(text().encode())
    else:
        COMPILED.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
