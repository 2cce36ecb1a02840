"""Statements compiled once per dialect, and the pieces of SQL the dialects write differently."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Table, bindparam, true
from sqlalchemy.dialects.postgresql import insert as _insert
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import ARRAY, BigInteger, Boolean, String

_encode = msgspec.json.Encoder().encode


class Compiled(NamedTuple):
    """SQL text of one dialect, and how to line up named values for it."""

    sql: str
    bind: Callable[[dict[str, Any]], Sequence[Any]]
    bind_each: Callable[[dict[str, Any]], Sequence[Any]]
    """The same for statements that are run many times: every value is given, and none is a list."""


class Compiler:
    """Compiles for one dialect and remembers. Statements are module constants, so identity is the key."""

    def __init__(self, dialect: Dialect, *, lists_as_json: bool) -> None:
        self._dialect = dialect
        self._lists_as_json = lists_as_json
        self._known: dict[int, tuple[Executable, Compiled]] = {}

    def __call__(self, statement: Executable) -> Compiled:
        known = self._known.get(id(statement))
        if known is not None and known[0] is statement:
            return known[1]
        fresh = self._compile(statement)
        self._known[id(statement)] = (statement, fresh)
        return fresh

    def _compile(self, statement: Executable) -> Compiled:
        compiled = statement.compile(dialect=self._dialect)  # type: ignore[attr-defined]
        names: list[str] = list(compiled.positiontup or ())
        fixed = {name: value for name, value in compiled.params.items() if value is not None}
        as_json = self._lists_as_json

        def bind(values: dict[str, Any]) -> Sequence[Any]:
            row = [values[name] if name in values else fixed.get(name) for name in names]
            if as_json:
                for place, value in enumerate(row):
                    if type(value) is list:
                        row[place] = _encode(value).decode()
            return row

        each: Any = itemgetter(*names) if len(names) > 1 else bind
        return Compiled(str(compiled), bind, bind if fixed else each)


class AnyOf(ColumnElement[bool]):
    """`column in (a list that is one parameter)`, so that the SQL text never depends on its length."""

    inherit_cache = True
    type = Boolean()

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        self.column = column
        self.listed = bindparam(name, type_=ARRAY(column.type))

    def self_group(self, against: Any = None) -> AnyOf:
        """As it is: SQLAlchemy would write `(…) = 1` on SQLite, and no index would be used."""
        return self


@compiles(AnyOf, "sqlite")
def _any_of_sqlite(element: AnyOf, compiler: SQLCompiler, **kw: Any) -> str:
    listed = compiler.process(bindparam(element.listed.key, type_=String()), **kw)
    return f"{compiler.process(element.column, **kw)} IN (SELECT value FROM json_each({listed}))"


@compiles(AnyOf, "postgresql")
def _any_of_postgresql(element: AnyOf, compiler: SQLCompiler, **kw: Any) -> str:
    listed = compiler.process(element.listed, **kw)
    return f"{compiler.process(element.column, **kw)} = ANY ({listed})"


class Octets(ColumnElement[int]):
    """The bytes of a text column, as UTF-8."""

    inherit_cache = True
    type = BigInteger()

    def __init__(self, column: ColumnElement[str]) -> None:
        self.column = column


@compiles(Octets, "sqlite")
def _octets_sqlite(element: Octets, compiler: SQLCompiler, **kw: Any) -> str:
    return f"length(CAST({compiler.process(element.column, **kw)} AS BLOB))"


@compiles(Octets, "postgresql")
def _octets_postgresql(element: Octets, compiler: SQLCompiler, **kw: Any) -> str:
    return f"octet_length({compiler.process(element.column, **kw)})"


def any_of(column: ColumnElement[Any], name: str) -> AnyOf:
    """The condition that a column's value is in the list given as parameter `name`."""
    return AnyOf(column, name)


def upsert(table: Table) -> Executable:
    """Insert a row, or replace everything but its primary key. Both dialects write this the same way."""
    keys = [column.name for column in table.primary_key]
    statement = _insert(table).values({c.name: bindparam(c.name) for c in table.columns})
    return statement.on_conflict_do_update(
        index_elements=keys,
        set_={c.name: statement.excluded[c.name] for c in table.columns if c.name not in keys},
    )


def insert_new(table: Table) -> Executable:
    """Insert a row unless its key is there already."""
    statement = _insert(table).values({c.name: bindparam(c.name) for c in table.columns})
    return statement.on_conflict_do_nothing()


def always() -> ColumnElement[bool]:
    """A condition that holds, to start a chain of optional ones."""
    return true()
