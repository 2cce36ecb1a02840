"""A small form about drinking water, published without an upload: what registries and phones make of it."""

from __future__ import annotations

from functools import cache
from typing import Any

from server.forms.compile import compile_markdown
from tests.helpers import Village

WATER = """
| settings |            |         |
|          | form_title | form_id |
|          | 饮水       | water   |
| survey   |                  |        |          |          |            |
|          | type             | name   | label    | required | constraint |
|          | select_one water | water  | 水源     | yes      |            |
|          | integer          | people | 几人喝   |          | . < 30     |
{more}
| choices  |           |      |        |
|          | list_name | name | label  |
|          | water     | tap  | 自来水 |
|          | water     | well | 井水   |
"""


@cache
def compiled(more: str = "") -> dict[str, Any]:
    """The form, with more rows of its survey sheet."""
    return compile_markdown(WATER.format(more=more))


async def publish(
    village: Village,
    *grids: str,
    more: str = "",
    subject: str = "household",
    volunteer: bool = False,
) -> str:
    """Publishes a version of the form; the name of its record type."""
    registry = village.registry
    number = await registry.keep_draft(
        village.code, "water", compiled(more), subject=subject, volunteer=volunteer, xform="<x/>",
        filename="water.xlsx", author="方村官甲",
    )  # fmt: skip
    await registry.publish(village.code, "water", number, grids)
    return f"own_{village.code}_water"
