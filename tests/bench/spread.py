"""P10: villages spread over PostgreSQL. The same pushes, to one village, to a hundred and to a thousand."""

from __future__ import annotations

import asyncio
import random
import statistics
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import started_postgresql

from . import servers, village
from .figures import Figure, Scale
from .load import send_all
from .village import Member

VILLAGES = 1_000
SPREADS = (1, 10, 100, 1_000)
REQUESTS, RECORDS, AT_A_TIME = 1_000, 5, 20


def spread(folder: Path, scale: Scale) -> Iterator[Figure]:
    """All villages are there all the time; what changes is to how many of them a round goes."""
    with started_postgresql() as url:
        members = [
            # Twenty phones in the first village, so that they push to it at once; one in each of the others.
            *asyncio.run(village.enrol(url, village.PHONES_A_VILLAGE)),
            *asyncio.run(village.enrol(url, VILLAGES - 1, a_village=1, after=1)),
        ]
        with servers.ours(folder / "ours", url) as ours:
            chance, firsts = random.Random(10), dict.fromkeys(members, 1)
            _round(ours.port, members[:20], firsts, chance)  # whatever loads on first use is loaded
            rates: dict[int, list[float]] = {count: [] for count in SPREADS}
            for _ in range(scale.rounds):
                for count in SPREADS:
                    rates[count].append(_round(ours.port, _phones(members, count), firsts, chance))
    one = statistics.median(rates[1])
    for count, found in rates.items():
        rate = statistics.median(found)
        yield Figure(
            "P10", f"PostgreSQL, {VILLAGES:,} villages, {REQUESTS} pushes of {RECORDS} records to {count:,} of them",
            f"{rate:,.0f} records/s", f"{one:,.0f}", rate / one, "≥ 0.8× of one", rate / one >= 0.8,
        )  # fmt: skip


def _phones(members: list[Member], count: int) -> list[Member]:
    """As many phones as there are pushes, of so many villages: each in turn."""
    first, others = members[: village.PHONES_A_VILLAGE], members[village.PHONES_A_VILLAGE :]
    if count == 1:
        return [first[place % len(first)] for place in range(REQUESTS)]
    chosen = [first[0], *others[: count - 1]]
    return [chosen[place % len(chosen)] for place in range(REQUESTS)]


def _round(
    port: int, phones: list[Member], firsts: dict[Member, int], chance: random.Random
) -> float:
    """Records a second. The pushes of one phone follow one another, as a phone's do."""
    turns: list[list[bytes]] = []
    pushed: dict[Member, int] = {}
    for member in phones:
        turn = pushed.get(member, 0)
        pushed[member] = turn + 1
        if turn == len(turns):
            turns.append([])
        brought = village.creations(village.evening(member.grid, RECORDS, chance, size=700))
        turns[turn].append(village.push_request(member, firsts[member], brought))
        firsts[member] += RECORDS
    seconds = sum(send_all(port, turn, at_a_time=AT_A_TIME).seconds for turn in turns)
    return len(phones) * RECORDS / seconds
