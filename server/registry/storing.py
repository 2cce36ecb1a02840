"""Writing a merge back: place what was touched, make its rows anew, and store records, log, buckets, digests and
reviews together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from server.database import Ask, Work, ask, ask_each
from sync import Digest, must_settle

from . import placement, rules
from . import statements as sql
from .classes import regroup
from .merging import Merging
from .placement import Home
from .working import Entry, digests, rewrite, state_text


def store(merging: Merging) -> Work[None]:
    """Everything a push changed, in one go."""
    storing = _Storing(merging)
    yield from storing.place()
    yield from storing.write()


def share(merging: Merging, roots: Collection[str]) -> Work[None]:
    """Put what the helpers of these households hold right as of the batch's day; no revision is used where all is."""
    storing = _Storing(merging)
    yield from storing.share(roots)
    if storing.changed:
        yield from storing.write()


class _Storing:
    def __init__(self, merging: Merging) -> None:
        self.merging = merging
        self.village = merging.village
        self.entries = merging.entries
        self.head = merging.head
        self.changed: dict[str, Entry] = {}

    def place(self) -> Work[None]:
        """Work out rows, homes and buckets of everything that was touched, and of what follows it."""
        touched = [e for e in self.entries.values() if e.revs]
        regrouped = regroup(self.entries, self.head)
        for entry in {e.id: e for e in (*touched, *regrouped)}.values():
            rewrite(entry, self._rev(entry))
            self.changed[entry.id] = entry
        for entry in list(self.changed.values()):
            self._place(entry, set())
        yield from self._move_households(regrouped)
        yield from self._straddle()
        yield from self._share()

    def _rev(self, entry: Entry) -> int:
        return entry.revs[-1] if entry.revs and not entry.alias_of else self.head

    def _place(self, entry: Entry, seen: set[str]) -> Home:
        """The home of a changed record, after the homes of what it refers to."""
        if entry.id in seen:
            return entry.home or Home(placement.OFFICE, entry.id)
        seen.add(entry.id)
        if entry.alias_of not in ("", entry.id) and entry.was_home is not None:
            return entry.was_home  # a stub stays where its readers know it

        def find(id: str) -> Home | None:
            other = self.entries.get(id)
            if other is None or other.record is None:
                return None
            own = self._place(other, seen) if other.id in self.changed else other.home
            if own is None or other.alias_of in ("", other.id):
                return own
            head = self.entries.get(other.alias_of)
            if head is None or head.home is None:
                return own
            return Home(head.home.bucket, own.root)

        targets = [entry.fields.get(name) for name in placement.references(entry.type)]
        if entry.was_home is not None and targets and not any(t in self.entries for t in targets):
            return entry.was_home  # what it refers to was not loaded, so it has not moved
        entry.home = placement.home(entry.id, entry.type, entry.fields, find)
        return entry.home

    def _move_households(self, regrouped: list[Entry]) -> Work[None]:
        """When a household changes its grid, everything homed with it follows; so when it joins or leaves a class."""
        households = {
            e.id: e for e in self.changed.values() if e.type == "household" and e.was_home
        }
        roots = {
            id for id, e in households.items() if e.home != e.was_home or e in regrouped
        }  # fmt: skip
        if not roots:
            return
        yield from self.merging.fetch(sql.RECORDS_OF_ROOTS, roots=sorted(roots))
        for follower in list(self.entries.values()):
            home = follower.home
            if home is None or home.root not in roots or follower.id in households:
                continue
            root = self.entries[home.root]
            head = self.entries.get(root.alias_of, root)
            bucket = head.home.bucket if head.home else home.bucket
            if bucket != home.bucket:
                follower.home = Home(bucket, home.root)
                if follower.id not in self.changed:
                    rewrite(follower, self.head)
                    self.changed[follower.id] = follower

    def _straddle(self) -> Work[None]:
        """While it is contested which grid a household is in, it and all of its are in both (decision 8)."""
        also = {
            e.id: {
                placement.grid_bucket(code)
                for code in _contested(self.entries.get(e.alias_of, e).row).get("grid_code", ())
            }
            for e in self.changed.values()
            if e.type == "household"
        }
        moved = sorted(
            id for id, buckets in also.items() if buckets or _held(self.entries[id], "grid:")
        )
        yield from self.merging.fetch(sql.RECORDS_OF_ROOTS, roots=moved)
        for entry in list(self.entries.values()):
            root = entry.home.root if entry.home is not None else ""
            if root in also:
                self._set_members(entry, "grid:", also[root])
            elif _came_to(root, entry) and root in self.entries:
                household = self.entries[root]
                head = self.entries.get(household.alias_of, household)
                own = {entry.home.bucket} if entry.home is not None else set()
                lives = {head.home.bucket} if head.home is not None else set()
                self._set_members(entry, "grid:", (_held(head, "grid:") | lives) - own)

    def _share(self) -> Work[None]:
        """Put what paired helpers need into their buckets, and take it out again."""
        known = {e.home.root for e in self.entries.values() if e.shared and e.home is not None}
        roots = {
            e.home.root for e in self.changed.values()
            if e.home is not None and (e.type == "pairing" or e.home.root in known)
        }  # fmt: skip
        yield from self.share(roots)

    def share(self, roots: Collection[str]) -> Work[None]:
        """The same for these households."""
        if not roots:
            return
        yield from self.merging.fetch(sql.RECORDS_OF_ROOTS, roots=sorted(roots))
        on = placement.day_of(self.merging.batch.arrival)
        for root in sorted(roots):
            group = {
                e.id: e for e in self.entries.values()
                if e.home is not None and e.home.root == root and e.record is not None
            }  # fmt: skip
            wanted = placement.helper_buckets(
                {id: (e.type, e.fields) for id, e in group.items() if e.present}, on
            )
            for id in list(wanted):  # whoever stands for a record goes along with its stub
                head = self.entries[id].alias_of if id in self.entries else ""
                if head and head != id:
                    wanted.setdefault(head, set()).update(wanted[id])
            yield from self.merging.fetch(sql.RECORDS, ids=sorted(set(wanted) - set(self.entries)))
            for id in sorted({*wanted, *group}):
                if id in self.entries:
                    self._set_members(self.entries[id], "helper:", wanted.get(id, set()))

    def _set_members(self, entry: Entry, kind: str, buckets: set[str]) -> None:
        """Put a record into exactly these extra buckets of a kind."""
        if entry.record is None or _held(entry, kind) == buckets:
            return
        for bucket in [*entry.members]:
            if bucket.startswith(kind):
                entry.members[bucket] = bucket in buckets
        entry.members.update(dict.fromkeys(buckets, True))
        if entry.id not in self.changed:
            rewrite(entry, self.head)
            self.changed[entry.id] = entry

    def write(self) -> Work[None]:
        here = self.village
        touches: list[dict[str, Any]] = []
        members: list[dict[str, Any]] = []
        records: list[dict[str, Any]] = []
        came: dict[str, list[Digest]] = {}
        went: dict[str, list[Digest]] = {}
        for entry in self.changed.values():
            assert entry.home is not None
            assert entry.row is not None
            rev = entry.row[2]
            if entry.was_home is not None and entry.was_home.bucket != entry.home.bucket:
                entry.members.setdefault(entry.was_home.bucket, False)
            entry.members.pop(entry.home.bucket, None)
            # Members follow every change of their record; one that has left keeps the rev at which it left.
            members += [
                {"village": here, "record": entry.id, "bucket": b, "rev": rev, "present": p}
                for b, p in entry.members.items()
                if p or entry.was_members.get(b) is not False
            ]
            touches += [
                {"village": here, "record": entry.id, "rev": r}
                for r in dict.fromkeys(entry.revs)
                if r != entry.born
            ]
            records.append(
                {
                    "village": here, "id": entry.id, "type": entry.type,
                    "bucket": entry.home.bucket, "root": entry.home.root, "rev": rev,
                    "born": entry.born, "present": entry.present, "shared": entry.shared,
                    "alias_of": entry.alias_of, "row": entry.row_text, "state": state_text(entry),
                }
            )  # fmt: skip
            # A bucket has changed even where its sum has not: somebody may still have to hear that a row is gone.
            for bucket in (entry.home.bucket, *entry.members):
                came.setdefault(bucket, [])
            after = digests(entry.row, entry.row_text, entry.home, entry.present, entry.members)
            for bucket, digest in after.items():
                came.setdefault(bucket, []).append(digest)
            if entry.was_row is None:
                continue
            before = digests(
                entry.was_row, entry.was_text, entry.was_home, entry.was_present, entry.was_members
            )
            for bucket, digest in before.items():
                went.setdefault(bucket, []).append(digest)
        yield from self._reviews()
        counters = [
            {"village": here, "name": name, "value": value}
            for name, value in self.merging.counters.items()
        ]
        for statement, rows_ in (
            (sql.PUT_RECORD, records),
            (sql.NEW_OP, self.merging.op_rows),
            (sql.PUT_TOUCH, touches),
            (sql.PUT_MEMBER, members),
            (sql.PUT_COUNTER, counters),
        ):
            if rows_:
                yield Ask(statement, rows_)
        if self.merging.released:
            yield from self._released(self.merging.released)
        yield from self._digests(came, went)
        yield ask(sql.SET_HEAD, v=here, head=self.head)

    def _released(self, entry: Mapping[str, Any]) -> Work[None]:
        yield ask(sql.SET_RELEASED, v=self.village, **entry)
        yield ask(
            sql.CLOSE_REVIEW, v=self.village, of_kind="quarantine", of=entry["b_device"],
            of_key=f"{entry['b_generation']}/{entry['b_seq']}", at_rev=self.head,
        )  # fmt: skip

    def _digests(
        self, came: Mapping[str, list[Digest]], went: Mapping[str, list[Digest]]
    ) -> Work[None]:
        buckets = sorted({*came, *went} - {placement.OFFICE})
        if not buckets:
            return
        rows = yield ask(sql.DIGESTS, v=self.village, buckets=buckets)
        stored = {bucket: (Digest.from_hex(text), count) for bucket, text, count, _rev in rows}
        written = []
        for bucket in buckets:
            total, count = stored.get(bucket, (Digest(), 0))
            new, old = came.get(bucket, []), went.get(bucket, [])
            total = total.plus(Digest.of(new)).minus(Digest.of(old))
            written.append(
                {
                    "village": self.village, "bucket": bucket, "digest": total.hex(),
                    "rows": count + len(new) - len(old), "rev": self.head,
                }
            )  # fmt: skip
        yield ask_each(sql.PUT_DIGEST, written)

    def _reviews(self) -> Work[None]:
        """Open a review for each key that became contested, close those that were settled."""
        arrival = self.merging.batch.arrival
        now = {e.id: now for e in self.changed.values() if (now := _contested(e.row))}
        before = {e.id: was for e in self.changed.values() if (was := _contested(e.was_row))}
        doubtful = [e for e in self.changed.values() if e.id in now or e.id in before]
        rows: list[dict[str, Any]] = []
        if doubtful:
            found = yield ask(sql.OPEN_CONFLICTS, v=self.village, ids=[e.id for e in doubtful])
            opened = {
                (record, key): (required, rev, at) for record, key, required, rev, at in found
            }
            for entry in doubtful:
                assert entry.record is not None
                assert entry.row is not None
                for key in {*now.get(entry.id, ()), *before.get(entry.id, ())}:
                    stored = opened.get((entry.id, key))
                    required = must_settle(entry.view or entry.record, key, rules.policy)
                    is_open = key in now.get(entry.id, ())
                    if stored and is_open and bool(stored[0]) is required:
                        continue  # it stands as it stood
                    _, rev, at = stored or (required, entry.row[2], arrival)
                    rows.append(
                        {
                            "village": self.village, "kind": "conflict", "record": entry.id,
                            "key": key, "type": entry.type,
                            "required": required, "opened_rev": rev, "opened_at": at,
                            "closed_rev": 0 if is_open else entry.row[2],
                        }
                    )  # fmt: skip
        rows += [
            {
                "village": self.village, "kind": "quarantine", "record": row["device"],
                "key": f"{row['generation']}/{row['seq']}", "type": "", "required": True,
                "opened_rev": self.head, "opened_at": arrival, "closed_rev": 0,
            }
            for row in self.merging.op_rows if not row["rev"]
        ]  # fmt: skip
        if rows:
            yield ask_each(sql.PUT_REVIEW, rows)


def _came_to(root: str, entry: Entry) -> bool:
    """Whether a record follows this household only since now."""
    before = entry.was_home.root if entry.was_home is not None else ""
    return root not in (entry.id, before)


def _contested(row: list[Any] | None) -> dict[str, Any]:
    return row[4] if row is not None and len(row) > 4 else {}


def _held(entry: Entry, kind: str) -> set[str]:
    """The extra buckets of a kind a record is in."""
    return {b for b, present in entry.members.items() if present and b.startswith(kind)}
