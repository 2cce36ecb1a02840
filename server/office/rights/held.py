"""Everything the register holds about one child."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from server.office.register import Register, load
from server.programme import RecordType, programme_of
from server.registry import Registry, Row

WITHHELD = frozenset({"mandatory_report", "help_request", "help_step", "counselling"})
"""Not for a guardian's eyes without a decision of the township: a report of harm must not reach whoever may have done
it, and what a child confided is the child's (强制报告意见 2020; 未成年人保护法 63)."""


@dataclass(frozen=True)
class Held:
    """What is about one child. `rows`: the child, the records merged into it excluded, then all that names it."""

    register: Register
    rows: Sequence[Row]
    absorbed: Sequence[str]

    @property
    def ids(self) -> dict[str, str]:
        """Id -> type of everything, the records merged into the child among them."""
        return {**{it.id: it.type for it in self.rows}, **dict.fromkeys(self.absorbed, "child")}


async def held_about(registry: Registry, village: str, child: Row) -> Held:
    """Everything that is about this child alone: what names it, and what names that (the steps of a request for help).
    An activity of many children only counts as its sign-in. What names another child is that child's, such as its
    pairing with this one as a peer; and what a peer has on hand for the village is the village's."""
    types = programme_of(village).types
    register = await load(registry, village, *types)
    absorbed = await registry.absorbed(village, child.id)
    found = dict.fromkeys((child.id, *absorbed))
    ends: set[str] = set()
    """Those found from which nothing further is the child's own."""
    more = True
    while more:
        named = [
            row
            for row in register.rows.values()
            if row.id not in found and _is_own(row, types[row.type], found.keys(), ends)
        ]
        found.update((row.id, None) for row in named)
        ends.update(row.id for row in named if row.type == "helper")
        more = bool(named)
    rows = [child, *(register.rows[id] for id in found if id != child.id and id in register.rows)]
    return Held(register, rows, absorbed)


def _is_own(row: Row, kind: RecordType, found: Collection[str], ends: Collection[str]) -> bool:
    """Whether a record names what was found, and no other child."""
    said = [
        (field.ref, target)
        for name, field in kind.fields.items()
        if field.ref and isinstance(target := row.fields.get(name), str) and target
    ]
    return any(it in found and it not in ends for _, it in said) and all(
        it in found for ref, it in said if ref == "child"
    )
