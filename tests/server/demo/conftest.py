"""The demo village, built once, and its records as the registry shows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from server.auth import Auth
from server.demo.build import DemoAccess, build
from server.demo.calendar import AS_OF
from server.programme import programme
from server.programme.derive import both_definitions
from server.registry import Registry, Row

ON = AS_OF.isoformat()
Fields = Mapping[str, Any]


@dataclass
class Register:
    """What the registry holds of the demo village, by type and id."""

    registry: Registry
    auth: Auth
    access: DemoAccess
    by_type: dict[str, dict[str, Row]] = field(default_factory=lambda: defaultdict(dict))

    async def read(self) -> None:
        for row in await self.registry.rows(self.access.village, *programme().types):
            self.by_type[row.type][row.id] = row

    def of(self, type: str) -> list[Row]:
        return list(self.by_type[type].values())

    def household(self, row: Row) -> Row:
        return self.by_type["household"][row.fields["household_id"]]

    def grid(self, row: Row) -> str:
        """The two digits of the grid of a household, or of who lives in one."""
        household = row if row.type == "household" else self.household(row)
        return str(household.fields["grid_code"])[-2:]

    def definitions(self, child: Row, fields: Fields | None = None) -> tuple[bool, bool]:
        return both_definitions(fields or child.fields, self.household(child).fields, ON)

    def left_behind(self) -> list[Row]:
        """The 60: in the register and left behind by the wide definition."""
        return [child for child in self.of("child") if self.definitions(child)[0]]

    def carers(self, child: Row) -> list[Row]:
        """Main guardianships of a child that hold on the as-of day."""
        return [
            link
            for link in self.of("guardianship")
            if link.fields["child_id"] == child.id
            and link.fields["is_main"] == "Y"
            and link.fields.get("valid_to", ON) >= ON
        ]

    def pairings(self) -> list[Row]:
        return [row for row in self.of("pairing") if row.fields["state"] == "V"]


@pytest.fixture(scope="package")
async def register(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Register]:
    path: Path = tmp_path_factory.mktemp("demo") / "zoufang.db"
    registry = await Registry.open(f"sqlite:///{path}")
    auth = Auth(registry.database)
    register = Register(registry, auth, await build(registry, auth, today=AS_OF))
    await register.read()
    yield register
    await registry.close()
