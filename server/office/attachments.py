"""What a page says of the pictures and recordings of its records: here, still on the phone, or not to be shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starlette.requests import Request

from server.blobs import Blobs
from server.office.judging import withheld
from server.office.register import Register
from server.office.security import account_of, registry_of
from server.programme import Field, programme
from server.programme.attachments import Attached, attached
from server.registry import Row


@dataclass(frozen=True)
class Shown:
    """One attachment as a page shows it. `state`: here, pending (still on the phone), withheld (no consent)."""

    address: str
    name: str
    field: Field
    state: str


def seen(row: Row, hidden: frozenset[str]) -> list[Attached]:
    """The attachments of a record, without those of hidden fields."""
    kind = programme().form_of(row.type, row.fields) or programme().types[row.type]
    return [it for it in attached(kind, row.fields) if root_of(it.path) not in hidden]


def root_of(path: str) -> str:
    """The field of the record in which an attachment stands: `members` of `members/k3f9/photo`."""
    return path.partition("/")[0]


async def shown_of(
    request: Request, rows: Iterable[Row], register: Register, hidden: frozenset[str]
) -> Mapping[str, Mapping[str, list[Shown]]]:
    """Record -> field -> its attachments; of a repeat those of all its entries."""
    named = [(row, seen(row, hidden)) for row in rows]
    names = {it.name for _, found in named for it in found}
    blobs = Blobs(registry_of(request).database)
    here = await blobs.whole(account_of(request).village, names) if names else frozenset()
    shown: dict[str, dict[str, list[Shown]]] = {}
    for row, found in named:
        closed = {"/".join(filter(None, (it.within, it.field))) for it in withheld(row, register)}
        for it in found:
            state = "withheld" if it.path in closed else "here" if it.name in here else "pending"
            address = f"/office/picture/{row.id}/{it.path}"
            of_field = shown.setdefault(row.id, {}).setdefault(root_of(it.path), [])
            of_field.append(Shown(address, it.name, it.field, state))
    return shown
