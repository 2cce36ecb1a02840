"""P8: ten evenings at once. 3,000 phones bring twenty new records each and confirm, back to back, while the office
asks its pages in one of their villages."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx2

from . import servers, village
from .figures import Figure, Scale
from .load import Answers, send_all
from .office import homes, signed_in
from .village import Member

PHONES, RECORDS, AT_A_TIME = 3_000, 20, 50
HOUSEHOLDS = 500
"""Of the village whose office is at work: 2,000 persons."""
WAVE = 300
"""Phones whose confirmations go along with the pushes of the next."""
PAGES = ("/office/", "/office/children", "/office/due", "/office/conflicts", "/office/households", "/office/statistics")  # fmt: skip
PAUSE_S = 0.25
"""Between two pages of the office."""


def peak(folder: Path, scale: Scale) -> Iterator[Figure]:
    data, chance = folder / "ours", random.Random(8)
    members = asyncio.run(village.enrol(data, PHONES))
    here = members[0].village
    asyncio.run(village.store(data, here, list(homes(here, HOUSEHOLDS, chance))))
    token = asyncio.run(signed_in(data, here))
    # Spread over the villages, as an evening is: the phones of one don't all come in a row.
    chance.shuffle(members)
    pushes = [_push(member, chance) for member in members]
    with servers.ours(data) as ours, _office_at_work(ours.port, token) as pages:
        idle, begun = ours.memory_mb(), time.monotonic()
        found = list(_evening(ours.port, members, pushes, chance))
        seconds, most = time.monotonic() - begun, ours.peak_mb()
    latencies = sorted(it for answers in found for it in answers.latencies)
    statuses = [status for answers in found for status in answers.statuses]
    wrong = sum(status != 200 for status in statuses)
    rate = PHONES * RECORDS / sum(answers.seconds for answers in found)
    yield Figure(
        "P8", f"{PHONES:,} phones × {RECORDS} new records + confirmation, {AT_A_TIME} at a time: errors",
        f"{wrong} of {len(statuses):,} ({rate:,.0f} records/s, {seconds:.0f} s)", "–", None, "0", wrong == 0,
    )  # fmt: skip
    for share, wanted in ((95, 1.5), (99, 5.0)):
        took = percentile(latencies, share)
        yield Figure(
            "P8", f"answer to a phone, p{share}", f"{took:.2f} s", "–", None, f"≤ {wanted:g} s",
            took <= wanted,
        )  # fmt: skip
    yield Figure(
        "P8", "the server's memory at its most", f"{most:.0f} MB", f"{idle:.0f} MB", most / idle,
        "≤ 200 MB", most <= 200,
    )  # fmt: skip
    times = sorted(pages)
    page = percentile(times, 95) * 1000
    yield Figure(
        "P8", f"an office page meanwhile, p95 of {len(times)}",
        f"{page:.0f} ms (median {percentile(times, 50) * 1000:.0f})", "–", None, "≤ 800 ms", page <= 800,
    )  # fmt: skip


def _evening(
    port: int, members: Sequence[Member], pushes: Sequence[bytes], chance: random.Random
) -> Iterator[Answers]:
    """Waves of pushes, each with the confirmations of the wave before."""
    confirming: list[bytes] = []
    for start in range(0, len(members) + WAVE, WAVE):
        wave = members[start : start + WAVE]
        asked = [*pushes[start : start + WAVE], *confirming]
        order = list(range(len(asked)))
        chance.shuffle(order)
        answers = send_all(
            port, [asked[place] for place in order], at_a_time=AT_A_TIME, checked=False
        )
        places = {at: place for place, at in enumerate(order)}
        confirming = [
            _confirm(member, answers.body(places[at]))
            for at, member in enumerate(wave)
            if answers.statuses[places[at]] == 200
        ]
        yield answers


def _push(member: Member, chance: random.Random) -> bytes:
    brought = village.creations(village.evening(member.grid, RECORDS, chance, size=700))
    return village.push_request(member, 1, brought, pull=dict.fromkeys(member.buckets, (0, "")))


def _confirm(member: Member, answer: Any) -> bytes:
    assert answer["acked"] == RECORDS, answer
    held = {b: (page["cursor"], page["digest"]) for b, page in answer["pages"].items()}
    return village.pull_request(member, held, first=RECORDS + 1)


@contextlib.contextmanager
def _office_at_work(port: int, token: str) -> Iterator[list[float]]:
    """Seconds of each page, one after the other, until the block ends. The first of each is not counted: what loads on
    first use is loaded."""
    times: list[float] = []
    over = threading.Event()
    problems: list[str] = []

    def work() -> None:
        cookies = {"zf_session": token}
        with httpx2.Client(
            base_url=f"http://127.0.0.1:{port}", cookies=cookies, timeout=120
        ) as office:
            for path in PAGES:
                office.get(path).raise_for_status()
            ready.set()
            while not over.is_set():
                for path in PAGES:
                    begun = time.perf_counter()
                    answer = office.get(path)
                    times.append(time.perf_counter() - begun)
                    if answer.status_code != 200:
                        problems.append(f"{path}: {answer.status_code}")
                    if over.wait(PAUSE_S):
                        break

    ready = threading.Event()
    clerk = threading.Thread(target=work, daemon=True)
    clerk.start()
    assert ready.wait(120)
    try:
        yield times
    finally:
        over.set()
        clerk.join(120)
    assert problems == [], problems


def percentile(ordered: Sequence[float], share: int) -> float:
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]
