"""The registry: the one door to synced data. Everything behind it is a work (see server/database)."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

import structlog

from server.database import Database, Work, ask, ask_each, open_database
from server.programme.village_rules import RuleSetting
from sync import PRESENT, Change, Op, RecordId, normalised

from . import own_forms, reads, village_rules
from . import statements as sql
from .as_of import rows_as_of
from .batch import Batch, Pushed
from .batches import Brought, brought
from .erasing import erase
from .holding import Holding, could_hold
from .ids import now_ms, short_id
from .kept import Keeping, Kept
from .own_forms import KeptForm
from .placement import day_of
from .pull import NOTHING, Pulled, moment, pull
from .push import push, release, standing
from .reads import HistoryEdit, Origin, Quarantined, Receipt, Review, Row, Siblings, Village
from .recount import Difference, recount
from .renewing import outdated, renew

log = structlog.get_logger()
FEW = 50
"""Revisions whose rows are read at a glance."""


class Committed(NamedTuple):
    """What became of ops of the office or an import."""

    revs: list[int]
    verdicts: list[dict[str, Any]]


class Moved(Exception):
    """Somebody changed a record since it was seen. Nothing was done."""


class Registry:
    """One register of one or many villages in one database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._keeping = Keeping(database)
        self._renewed: dict[str, str] = {}
        """Village -> the day up to which pairings are where they belong."""

    @classmethod
    async def open(cls, url: str) -> Registry:
        """Open `sqlite:///file` or `postgresql://…` and bring it to this version."""
        return cls(await open_database(url))

    async def close(self) -> None:
        await self.database.close()

    async def villages(self) -> list[Village]:
        return await self.database.read(reads.villages())

    async def village(self, code: str) -> Village | None:
        return await self.database.read(reads.village(code))

    async def create_village(self, code: str, name: str, *, demo: bool = False) -> None:
        """Make a village; one that is there already stays as it is."""
        await self.database.write(_create_village(code, name, demo))

    async def push(self, village: str, batch: Batch) -> Pushed:
        """Take a device's ops in. Returns after they are on disk."""
        return await self.database.write(push(village, batch))

    async def pull(
        self,
        village: str,
        wanted: Mapping[str, tuple[int, str]],
        allowed: Sequence[str],
        budget: int,
        compare: Mapping[str, Sequence[str]] = NOTHING,
        fetch: Mapping[str, Sequence[str]] = NOTHING,
    ) -> Pulled:
        """The rows of a device's buckets that changed after its cursors, and help with those that differ."""
        return await self.database.read(_pull(village, wanted, allowed, budget, compare, fetch))

    async def exchange(
        self,
        village: str,
        batch: Batch,
        wanted: Mapping[str, tuple[int, str]],
        allowed: Sequence[str],
        budget: int,
        compare: Mapping[str, Sequence[str]] = NOTHING,
        fetch: Mapping[str, Sequence[str]] = NOTHING,
    ) -> tuple[Pushed, Pulled]:
        """Push, then pull from a state that contains the push. Who brings nothing takes no lock."""
        await self.renew(village, batch.arrival)
        pushed = await self.push(village, batch) if batch.ops else None
        if pushed is not None and not wanted:
            return pushed, Pulled(pushed.head, {})
        if not (compare or fetch):
            near = await self.database.glance(
                _near(village, batch, pushed, wanted, allowed, budget)
            )
            if near is not None:
                return near
        return await self.database.read(
            _look(village, batch, pushed, wanted, allowed, budget, compare, fetch)
        )

    async def renew(self, village: str, instant: int) -> None:
        """What the day of an instant (ms) changes by itself: pairings that begin and that are over."""
        day = day_of(instant)
        if self._renewed.get(village) == day:
            return
        try:
            roots = await self.database.read(outdated(village, instant))
            if roots:
                await self.database.write(renew(village, roots, instant))
        except Exception as error:
            # A full disk keeps nobody from reading; the next sync tries again.
            log.warning("not_renewed", village=village, error=str(error))
            return
        self._renewed[village] = day

    async def commit(
        self,
        village: str,
        device: str,
        ops: Sequence[Sequence[Change]],
        *,
        author: str,
        at: int | None = None,
        accepted_at: int | None = None,
        authority: bool = True,
        seen: Row | None = None,
    ) -> Committed:
        """Ops of the office, an import or the demo: the same merge, numbered by the server (decision 13).

        `seen` is a record that has to be as it was seen, where what is done may be done only once; else raises `Moved`.
        `at` is when it was done, ms; now unless it is history being typed in. `accepted_at` is when the server took
        it in: now, but for the demo, whose past is played. Raises `Malformed` for a value that no phone could hold,
        such as a fraction: those are written as text.
        """
        for change in (change for changes in ops for change in changes):
            for value in change.set.values():
                normalised(value)
        now = now_ms() if accepted_at is None else accepted_at
        when = now if at is None else at
        batch = Batch(
            device=device,
            ops=[Op(when, 0, 0, "", tuple(changes)) for changes in ops],
            arrival=max(now, when),
            author=author,
            authority=authority,
        )
        pushed = await self.database.write(_push_if_still(village, batch, seen))
        return Committed(pushed.revs, pushed.verdicts)

    async def release(self, village: str, device: str, generation: int, seq: int) -> Pushed | None:
        """Apply an op that waits in quarantine; None if there is none (any more)."""
        return await self.database.write(release(village, device, generation, seq, now_ms()))

    async def quarantined(
        self, village: str, device: str, generation: int, seq: int
    ) -> Quarantined | None:
        """An op that waits in quarantine, for the office to look at."""
        return await self.database.read(reads.quarantined(village, device, generation, seq))

    async def dismiss(self, village: str, device: str, generation: int, seq: int) -> None:
        """Refuse an op that waits in quarantine. It stays in the log."""
        await self.database.write(reads.dismiss(village, device, generation, seq))

    async def erase(
        self, village: str, device: str, ids: Mapping[str, str], *, author: str
    ) -> None:
        """Remove records (id -> type) and erase what was ever said about them (`erasing`). Phones that hold them
        hear that they are gone. Raises `StillPresent`, with the records removed but not erased, if
        somebody's edit brings one back at this moment."""
        held = await self.rows_by_id(village, list(ids))
        removals = [
            Change(RecordId(id), ids[id], row.rev, {PRESENT: False})
            for id, row in held.items()
            if row.present
        ]
        if removals:
            await self.commit(village, device, [removals], author=author)
        await self.database.write(erase(village, ids))
        await self._keeping.forget(village)

    async def recount(self, village: str) -> list[Difference]:
        """What does not add up when everything is counted afresh; reads the whole village."""
        return await self.database.read(recount(village))

    async def rows(self, village: str, *types: str, bucket: str | None = None) -> list[Row]:
        """All present records of some types, in no particular order."""
        return await self.database.read(reads.rows(village, types, bucket))

    async def kept(self, village: str) -> Kept | None:
        """All present records of a village as `rows` gives them, read only where they changed since this process read
        them last; None of a village that is too large to be kept. They are everybody's: nobody changes them."""
        return await self._keeping.of(village)

    def prepare_kept(self, prepare: Callable[[str, Kept], object]) -> None:
        """Have something worked out of a village's rows in a thread, when many are new, before `kept` gives them."""
        self._keeping.prepare = prepare

    async def could_hold(
        self, village: str, buckets: Sequence[str], since: int, types: Sequence[str]
    ) -> list[Holding]:
        """What a phone with these buckets could hold that last agreed at the revision `since`."""
        return await self.database.read(could_hold(village, buckets, since, types))

    async def rows_as_of(self, village: str, instant: int, *types: str) -> list[Row]:
        """The same as the server had accepted them up to an instant (ms). Reads the whole log."""
        return await self.database.read(rows_as_of(village, types, instant))

    async def changes(self, village: str, type: str, since: int, until: int) -> int:
        """How often records of a type were changed after they were made, between two instants (ms)."""
        return await self.database.read(reads.changes(village, type, since, until))

    async def last_changed(self, village: str, *types: str) -> dict[str, int]:
        """When each record of some types was last changed: the arrival (ms) of the last op that touched it."""
        return await self.database.read(reads.last_changed(village, types))

    async def row(self, village: str, record: str) -> Row | None:
        found = await self.rows_by_id(village, [record])
        return found.get(record)

    async def rows_by_id(self, village: str, ids: Sequence[str]) -> dict[str, Row]:
        """Records by id, removed ones included (`present` is False)."""
        return await self.database.read(reads.rows_by_id(village, ids))

    async def absorbed(self, village: str, record: str) -> list[str]:
        """The other records that this one stands for (merged into it), eldest first."""
        return await self.database.read(reads.absorbed(village, record))

    async def origins(self, village: str, ids: Sequence[str]) -> dict[str, Origin]:
        """Who made these records, when and on what."""
        return await self.database.read(reads.origins(village, ids))

    async def brought(self, village: str, device: str) -> Brought:
        """What a batch (an import) brought, and what others have changed of it since."""
        return await self.database.read(brought(village, device))

    async def related(self, village: str, household_id: str) -> list[Row]:
        """A household and everything that lives with it, in order of creation."""
        return await self.database.read(reads.related(village, household_id))

    async def history(self, village: str, record: str) -> list[HistoryEdit]:
        """Every edit of a record, oldest first."""
        return await self.database.read(reads.history(village, record))

    async def siblings(self, village: str, record: str, key: str) -> Siblings | None:
        """The values of a key side by side."""
        return await self.database.read(reads.siblings(village, record, key))

    async def reviews(self, village: str, *, required: bool | None = None) -> list[Review]:
        """What is open, newest first."""
        found = await self.database.read(reads.reviews(village))
        return [r for r in found if required is None or r.required is required]

    async def contested(self, village: str, *, required: bool | None = None) -> list[Review]:
        """The open conflicts, newest first."""
        return [r for r in await self.reviews(village, required=required) if r.kind == "conflict"]

    async def receipts(self, village: str, since_ms: int) -> list[Receipt]:
        """What each phone brought and fetched since an instant."""
        await self.database.settle()
        return await self.database.read(reads.receipts(village, since_ms, now_ms()))

    async def forms(self, village: str) -> list[KeptForm]:
        """The village's own forms with all their versions, drafts included."""
        return await self.database.read(own_forms.forms(village))

    async def counts(self, village: str, *types: str) -> dict[str, int]:
        """How many records of these types there are; a type without any is not among them."""
        return await self.database.read(own_forms.counts(village, types))

    async def xform(self, village: str, name: str, number: int) -> str | None:
        """A version of an own form as standard XForm XML."""
        return await self.database.read(own_forms.xform(village, name, number))

    async def keep_draft(
        self,
        village: str,
        name: str,
        form: Mapping[str, Any],
        *,
        subject: str,
        volunteer: bool,
        xform: str,
        filename: str,
        author: str,
    ) -> int:
        """Keep an uploaded form as a draft; its version."""
        return await self.database.write(
            own_forms.keep_draft(village, name, subject, volunteer, form, xform, filename, author)
        )

    async def drop_draft(self, village: str, name: str) -> None:
        await self.database.write(own_forms.drop_draft(village, name))

    async def publish(self, village: str, name: str, number: int, grids: Sequence[str]) -> None:
        """Publish a version of an own form to grids, or to all when none is named."""
        await self.database.write(own_forms.publish(village, name, number, grids))

    async def offer(
        self, village: str, name: str, grids: Sequence[str], *, retired: bool = False
    ) -> None:
        """Offer a published form in other grids, or retire it."""
        await self.database.write(own_forms.offer(village, name, grids, retired=retired))

    async def rule_settings(self, village: str) -> list[RuleSetting]:
        """All that the village ever said of the rules of frequency, the newest last."""
        return await self.database.read(village_rules.settings(village))

    async def set_rule(
        self, village: str, rule: str, *, on: bool, every_days: Mapping[str, int], author: str
    ) -> None:
        """Say how a rule of frequency holds in the village from now on. Phones learn it at their next sync."""
        await self.database.write(village_rules.set_rule(village, rule, on, every_days, author))

    def note_sync(
        self,
        village: str,
        receipt: Mapping[str, Any],
        *,
        agreed_rev: int | None,
        holds: Collection[str] | None = None,
    ) -> None:
        """Remember that a device was here, what it did, whether both ends agreed, and which buckets it may `hold` from
        now on, where it says so. The answer does not wait for it, and reading goes on when the disk is full."""
        self.database.note(_note_sync(village, receipt, agreed_rev, holds))


def _push_if_still(village: str, batch: Batch, seen: Row | None) -> Work[Pushed]:
    if seen is not None:
        yield ask(sql.LOCK_VILLAGE, v=village)
        found = yield from reads.rows_by_id(village, [seen.id])
        if found[seen.id].rev != seen.rev:
            raise Moved
    return (yield from push(village, batch))


def _pull(
    village: str,
    wanted: Mapping[str, tuple[int, str]],
    allowed: Sequence[str],
    budget: int,
    compare: Mapping[str, Sequence[str]],
    fetch: Mapping[str, Sequence[str]],
) -> Work[Pulled]:
    _, head = yield from moment(village)
    return (yield from pull(village, head, wanted, allowed, budget, compare, fetch))


def _look(
    village: str,
    batch: Batch,
    pushed: Pushed | None,
    wanted: Mapping[str, tuple[int, str]],
    allowed: Sequence[str],
    budget: int,
    compare: Mapping[str, Sequence[str]] = NOTHING,
    fetch: Mapping[str, Sequence[str]] = NOTHING,
) -> Work[tuple[Pushed, Pulled]]:
    epoch, head = yield from moment(village)
    told = pushed or (yield from standing(village, batch, epoch, head))
    return told, (yield from pull(village, head, wanted, allowed, budget, compare, fetch))


def _near(
    village: str,
    batch: Batch,
    pushed: Pushed | None,
    wanted: Mapping[str, tuple[int, str]],
    allowed: Sequence[str],
    budget: int,
) -> Work[tuple[Pushed, Pulled] | None]:
    """The same for who is only a few revisions behind, as on most days; None for others."""
    epoch, head = yield from moment(village)
    if not all(0 <= head - cursor <= FEW for cursor, _ in wanted.values()):
        return None
    told = pushed or (yield from standing(village, batch, epoch, head))
    return told, (yield from pull(village, head, wanted, allowed, budget))


def _create_village(code: str, name: str, demo: bool) -> Work[None]:
    yield ask(
        sql.NEW_VILLAGE, village=code, name=name, epoch=short_id(), rev=0, demo=demo,
        created_at=now_ms(), forms="",
    )  # fmt: skip


def _note_sync(
    village: str,
    receipt: Mapping[str, Any],
    agreed_rev: int | None,
    holds: Collection[str] | None,
) -> Work[None]:
    now, device = receipt["at"], receipt["device"]
    holding = None if holds is None else json.dumps(sorted(holds))
    if agreed_rev is None:
        yield ask(sql.DEVICE_SEEN, v=village, device=device, now=now, holding=holding)
    else:
        yield ask(
            sql.DEVICE_AGREED, v=village, device=device, now=now, holding=holding, head=agreed_rev
        )
    if receipt["ops"] or receipt["rows_sent"]:
        yield ask_each(sql.PUT_RECEIPT, [{"village": village, **receipt}])
