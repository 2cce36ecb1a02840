"""What a cell points to: a record by its name, its number, or both (`谷梓涵 0012`). Pure."""

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property

from server.forms import Label
from server.office.filled.cells import Unreadable
from server.office.register import Register, text_of
from server.office.roster.cells import fold
from server.programme import Field
from server.programme.derive import struck
from server.registry import Row

KEYS = ("name", "former_name", "head_name", "title", "goal", "file_no", "household_no", "grid_code", "occurred_on",
        "on_date")  # fmt: skip
UNKNOWN = Label(
    "没有找到“{word}”。请写姓名或编号。", "“{word}” was not found. Please write a name or a number."
)
SEVERAL = Label(
    "有几个“{word}”，请在后面写上编号。", "There are several “{word}”; please add the number."
)


class Pointing:
    """The register as cells point into it."""

    def __init__(self, register: Register) -> None:
        self.register = register

    @cached_property
    def _named(self) -> Mapping[tuple[str, str], list[Row]]:
        """(type, folded word) -> the records that go by it."""
        found: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for type in {row.type for row in self.register.rows.values()}:
            rows = self.register.kind(type)
            gone = struck(rows) if "occurred_on" in {k for it in rows for k in it.fields} else ()
            for row in (it for it in rows if it.id not in gone):
                for word in {row.id, *(fold(text_of(row.fields, key)) for key in KEYS)} - {""}:
                    found[type, word].append(row)
        return found

    def find(self, field: Field, said: str, household: str = "") -> str:
        """The id of the record a cell names, of this household where several bear the name. Raises `Unreadable`."""
        type = field.ref or ""
        words = [fold(it) for it in re.split(r"[\s·（）()、,，]+", said) if it]
        found = self._named.get((type, fold(said)), [])
        if not found and words:
            sets = [{row.id for row in self._named.get((type, word), [])} for word in words]
            ids = set.intersection(*sets)
            found = [self.register.rows[id] for id in sorted(ids)]
        if len(found) > 1 and household:
            found = [it for it in found if it.fields.get("household_id") == household] or found
        if not found:
            raise Unreadable(UNKNOWN.filled(word=said[:20]))
        if len(found) > 1:
            raise Unreadable(SEVERAL.filled(word=said[:20]))
        return found[0].id

    def grid(self, said: str) -> str:
        """The code of a grid by its name or code. Raises `Unreadable`."""
        for code, name in self.register.grid_names.items():
            if fold(said) in (fold(code), fold(name)):
                return code
        raise Unreadable(UNKNOWN.filled(word=said[:20]))
