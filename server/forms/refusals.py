"""What pyxform says of a form it refuses -> our own code, cell and sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from server.forms.errors import MESSAGES, Fault

# What pyxform says of the commonest faults -> our code, and the column it is in.
_SAID = (
    (r"Unknown question type '(?P<name>[^']*)'", "unknown_type", "type"),
    (r"[Ll]ist name not in choices sheet: (?P<name>\S+)", "missing_list", "type"),
    (
        r"the '(?P<column>\w+)' value .* Could not find the name '(?P<name>[^']+)'",
        "unknown_field",
        "",
    ),
    (r"the 'name' value '(?P<name>[^']+)' .* must be unique", "duplicate_name", "name"),
    (r"Unmatched '(?P<name>(?:begin|end)_(?:group|repeat|loop))'", "unmatched", "type"),
    (r"the 'parameters' value", "bad_range", "parameters"),
    (r"Question or group with no name", "missing_name", "name"),
    (r"should be a (?P<name>choices) sheet", "missing_sheet", ""),
    (r"have a sheet named '(?P<name>survey)'", "missing_sheet", ""),
)


def fault_of(said: str, source: Mapping[str, Sequence[Mapping[str, Any]]]) -> Fault:
    """The cell a sentence of pyxform speaks of. `source` are the rows of each sheet."""
    sheet = re.search(r"['\"](survey|choices|settings)['\"]", said)
    row = re.search(r"\[row : (\d+)\]", said)
    number = int(row[1]) if row else 0
    for pattern, code, where in _SAID:
        match = re.search(pattern, said, re.S)
        if not match:
            continue
        found = match.groupdict()
        if code == "unknown_type" and not number:
            number = next(
                (
                    position
                    for position, cells in enumerate(source.get("survey", []), start=2)
                    if cells.get("type") == found["name"]
                ),
                0,
            )
        message = MESSAGES[code].filled(name=found.get("name", ""))
        named = found["name"] if code == "missing_sheet" else "survey"
        return Fault(named, number, found.get("column") or where, code, message)
    column = re.search(r"the '(\w+)' value", said)
    message = MESSAGES["not_xlsform"].filled(detail=said)
    return Fault(
        sheet[1] if sheet else "survey", number, column[1] if column else "", "not_xlsform", message
    )
