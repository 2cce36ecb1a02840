"""The places below an account: the villages of a township, the townships of a county."""

from collections.abc import Sequence

from starlette.requests import Request

from server.filing import Report
from server.office.reports.levels import COUNTY, TOWNSHIP, area_of
from server.office.security import account_of, registry_of
from server.office.text import language_of, translate


async def places_of(request: Request, reports: Sequence[Report]) -> list[tuple[str, str]]:
    """(code, name) of every place below, whether it has sent a report or not. A township is called as it called
    itself in its newest report, else by its first village."""
    area = area_of(account_of(request))
    villages = {
        it.code: it.name for it in await registry_of(request).villages() if it.code.startswith(area)
    }
    if len(area) != COUNTY:
        return sorted(villages.items())
    called = {it.village: it.village_name for it in reversed(reports)}
    for code, name in sorted(villages.items()):
        words = translate(language_of(request), "%(village)s所在乡镇", village=name)
        called.setdefault(code[:TOWNSHIP], words)
    return sorted(called.items())
