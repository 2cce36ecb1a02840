"""The demo village in a database of its own, its office, and its rows for counting by hand."""

import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from server.auth import Auth
from server.demo.build import DemoAccess, build
from server.demo.calendar import AS_OF
from server.office.statistics.asking import Asked, book_of
from server.office.statistics.indicators import marks_of, table_of
from server.office.statistics.marks import Figure, Table
from server.registry import Registry

ON = AS_OF.isoformat()


@dataclass
class Demo:
    """`since` and `on` are days of the story: the village stands at its own as-of day."""

    registry: Registry
    access: DemoAccess
    path: Path

    def sql(self, question: str, *values: Any) -> list[tuple[Any, ...]]:
        """Asked of the file itself: rows as JSON in `record.row`, fields in its fourth place."""
        with sqlite3.connect(f"file:{self.path}?mode=ro", uri=True) as database:
            return database.execute(question, values).fetchall()

    def fields(self, type: str) -> list[dict[str, Any]]:
        found = self.sql("SELECT row FROM record WHERE type = ? AND present ORDER BY id", type)
        return [{"id": json.loads(text)[0], **json.loads(text)[3]} for (text,) in found]

    async def table(
        self,
        name: str,
        by: str = "",
        *,
        since: str = "2026-09-01",
        on: str = ON,
        scope: str = "wide",
    ) -> Table:
        book = await book_of(
            self.registry, self.access.village, Asked(since, on, scope), compares=True
        )
        return table_of(name, by, book, marks_of(name, book))

    async def total(self, name: str, measure: str, **asked: str) -> Figure:
        return (await self.table(name, **asked)).total.figures[measure]

    async def lines(self, name: str, by: str, measure: str, **asked: str) -> dict[str, Any]:
        """Group -> n, or (n, d) of a rate; groups without anything left out."""
        made = await self.table(name, by, **asked)
        assert made.faults == []
        shown = {line.value: line.figures[measure] for line in made.lines}
        return {
            value: it.n if it.d is None else (it.n, it.d)
            for value, it in shown.items()
            if it.n or it.d
        }


@pytest.fixture(scope="package")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    path: Path = tmp_path_factory.mktemp("figures") / "zoufang.db"
    registry = await Registry.open(f"sqlite:///{path}")
    access = await build(registry, Auth(registry.database), today=AS_OF)
    yield Demo(registry, access, path)
    await registry.close()
