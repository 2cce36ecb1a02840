"""Mistakes in the server: the queue of a device, revisions, pages, projections, quarantine, restores."""

from __future__ import annotations

from .trap import Patch, Trap, named, on_sqlite

CONTRACT = "tests/server/registry/test_contract.py"
CLASSES = "tests/server/registry/test_classes.py"
LINEAGE = "tests/server/registry/test_lineage.py"
SEEN = "tests/server/registry/test_what_was_seen.py"
PAGES = "tests/server/registry/test_pages.py"
FAULTS = "tests/server/test_faults.py"
SYNC = "tests/server/api/test_sync.py"
PAIRING_DAYS = "tests/server/registry/test_pairing_days.py"
PAPER = "tests/server/office/test_paper.py"
ERASING = "tests/server/registry/test_erasing.py"


def _in(file: str, old: str, new: str) -> tuple[Patch, ...]:
    return (Patch(f"server/registry/{file}.py", old, new),)


_QUEUE = [
    Trap(
        "a repeated op is applied again",
        _in("push", "    old = max(0, min(last - first + 1, len(batch.ops)))", "    old = 0"),
        on_sqlite(
            CONTRACT, "test_a_repeated_push_changes_nothing_and_is_answered_as_before"
        ),
    ),
    Trap(
        "a replay is answered afresh",
        _in(
            "push",
            "answer.verdicts.extend(parsed(verdicts))",
            "_ = parsed(verdicts)",
        ),
        on_sqlite(
            CONTRACT, "test_a_repeated_push_changes_nothing_and_is_answered_as_before"
        ),
    ),
    Trap(
        "corrected time is computed again at each retry",
        _in(
            "push",
            "            answer.revs.append(rev)\n",
            "            from sqlalchemy import update\n"
            "            from server.database.schema import op as log\n"
            "            again = (batch.ops[i].at + (batch.offset or 0)) if isinstance(batch.ops[i], Op) else 0\n"
            "            yield ask(update(log).where(log.c.rev == rev).values(at=again))\n"
            "            answer.revs.append(rev)\n",
        ),
        on_sqlite(SEEN, "test_the_time_of_an_edit_is_fixed_when_it_is_first_accepted"),
    ),
    Trap(
        "an op out of quarantine is dated anew",
        _in("push", "    merging.release(op, seq, at, hash)", "    merging.release(op, seq, arrival, hash)"),
        on_sqlite(SEEN, "test_an_edit_out_of_quarantine_has_its_own_time_and_base", "test_what_was_released_is_latest_only_by_its_own_time"),
    ),
    Trap(
        "a used seq with other content is taken for a replay",
        _in(
            "push",
            "if hash != hashes[i]:",
            "if False:",
        ),
        on_sqlite(
            CONTRACT, "test_the_same_seq_with_other_content_is_a_fork_and_loses_nothing"
        ),
    ),
    Trap(
        "a used seq with other content overwrites",
        (
            *_in("push", "    old = max(0, min(last - first + 1, len(batch.ops)))", "    old = 0"),
            *_in("statements", "NEW_OP = insert_new(s.op)", "NEW_OP = upsert(s.op)"),
        ),
        on_sqlite(
            CONTRACT, "test_the_same_seq_with_other_content_is_a_fork_and_loses_nothing"
        ),
    ),
    Trap(
        "a gap is applied",
        _in(
            "push",
            "    if first > last + 1 or old == len(batch.ops):",
            "    if old == len(batch.ops):",
        ),
        on_sqlite(CONTRACT, "test_a_gap_applies_nothing_and_says_where_to_go_on"),
    ),
    Trap(
        "a malformed op blocks its successors",
        _in(
            "push",
            "    for i in range(old, len(batch.ops)):\n",
            "    for i in range(old, len(batch.ops)):\n"
            "        if isinstance(batch.ops[i], Unreadable):\n            break\n",
        ),
        on_sqlite(CONTRACT, "test_a_malformed_op_is_kept_and_blocks_nothing"),
    ),
    Trap(
        "the answer is sent before COMMIT",
        (
            Patch(
                "server/database/sqlite.py",
                "                self._one(job)\n",
                "                self._one(job)\n"
                "                if job.loop is not None:\n"
                "                    job.loop.call_soon_threadsafe(_deliver, [job])\n"
                "                    job.loop = None\n",
            ),
        ),
        named(FAULTS, "test_no_answer_is_sent_before_commit_has_returned"),
    ),
    Trap(
        "an op that two clones bring is merged twice",
        _in("push", "    if generation > 1:\n        yield from merging.load_twins", "    if False:\n        yield from merging.load_twins"),
        on_sqlite(CONTRACT, "test_an_op_that_two_clones_bring_is_merged_once_and_answered_alike"),
    ),
    Trap(
        "an edit of an older generation does not find the own one that a clone brought first",
        _in("merging", "        prev[key] = copies.get(own, own)", "        prev[key] = own"),
        on_sqlite(CONTRACT, "test_an_edit_replaces_the_own_one_it_names_though_a_clone_brought_that_first"),
    ),
    Trap(
        "an op let out of quarantine is merged though a clone has brought it since",
        _in("push", "    yield from merging.load_twins([hash])\n", ""),
        on_sqlite(CONTRACT, "test_an_op_kept_aside_that_a_clone_has_brought_since_is_not_merged_again"),
    ),
    Trap(
        "an older generation is dated after the newest one",
        _in("push", "        [last, last_at] = found[0] if found else [0, 0]", "        last = found[0][0] if found else 0"),
        on_sqlite(CONTRACT, "test_the_times_of_an_older_generation_go_on_from_its_own_last_op"),
    ),
    Trap(
        "revs come from a sequence: they are given without the village's lock",
        _in(
            "statements",
            'LOCK_VILLAGE = of(s.village, "epoch", "rev", "forms").with_for_update()',
            'LOCK_VILLAGE = of(s.village, "epoch", "rev", "forms")',
        ),
        named(
            CONTRACT,
            "test_many_pushes_at_once_get_gapless_revisions[postgresql]",
            "test_a_reader_of_every_commit_misses_no_row[postgresql]",
        ),
    ),
]  # fmt: skip

_CAUSES = [
    Trap(
        "a base from the future is trusted",
        _in(
            "working",
            "base=change.base if change.base < first_rev else 0",
            "base=change.base",
        ),
        on_sqlite(SEEN, "test_a_base_from_the_future_has_seen_nothing"),
    ),
    Trap(
        "a late op of a lost lineage counts with its new rev",
        _in(
            "merging",
            "was = lost_numbers(op.was, self._lineages)",
            "was = ()",
        ),
        on_sqlite(
            LINEAGE, "test_an_op_offered_again_counts_as_when_it_was_first_accepted"
        ),
    ),
    Trap(
        "whoever came after a restore has seen what comes again later",
        (
            Patch(
                "sync/model.py",
                "any(rev <= base <= last for rev, last in self.was)",
                "any(rev <= base for rev, last in self.was)",
            ),
        ),
        on_sqlite(LINEAGE, "test_who_never_saw_a_lost_op_does_not_replace_it_when_it_comes_again"),
    ),
    Trap(
        "a backup restored twice gives the same revs twice",
        _in("lineage", "resumed = max(rev + JUMP, now)", "resumed = rev + JUMP"),
        on_sqlite(LINEAGE, "test_a_backup_restored_twice_numbers_on_from_another_place"),
    ),
    Trap(
        "an own edit kept aside hides what it had replaced",
        _in("merging", "while own in aside:", "while False:"),
        named(
            SEEN,
            "test_who_saw_through_an_op_kept_aside_saw_what_that_op_had_replaced[sqlite-True]",
            "test_who_saw_through_an_op_kept_aside_saw_what_that_op_had_replaced[sqlite-False]",
        ),
    ),
    Trap(
        "a record that changes its household stays in the grids of the old one",
        _in("storing", "return root not in (entry.id, before)", "return not before and root != entry.id"),
        on_sqlite(
            CLASSES,
            "test_a_child_that_changes_its_household_lies_in_the_grids_of_the_new_one",
        ),
    ),
    Trap(
        "any old rev an op claims is believed",
        _in(
            "lineage",
            "(rev, next(end for end in ends if end >= rev))",
            "(rev, 10**15)",
        )
        + _in(
            "lineage",
            "if any(forked_at < rev <= resumed_at for forked_at, resumed_at in lineages)",
            "if ends",
        ),
        on_sqlite(SEEN, "test_an_op_that_claims_a_rev_which_was_never_lost_counts_as_new"),
    ),
    Trap(
        "a released op loses its base",
        (
            Patch(
                "sync/wire.py",
                '                c["base"],\n',
                "                0,\n",
            ),
        ),
        on_sqlite(SEEN, "test_an_edit_out_of_quarantine_has_its_own_time_and_base"),
    ),
    Trap(
        "a released op has seen everything",
        _in(
            "merging",
            "self.answer.verdicts += self._merge(change, place, stamp, given)",
            "self.answer.verdicts += self._merge(replace(change, base=rev - 1), place, stamp, given)",
        ),
        on_sqlite(
            LINEAGE,
            "test_the_office_releases_what_was_kept_aside_with_its_own_base_and_author",
        ),
    ),
    Trap(
        "the office's authority goes to whose op it releases",
        _in(
            "push",
            "Batch(device, [op], arrival, author, buckets=frozenset())",
            "Batch(device, [op], arrival, author, buckets=frozenset(), authority=True)",
        ),
        on_sqlite(SEEN, "test_releasing_an_edit_settles_nothing_in_the_offices_name"),
    ),
    Trap(
        "an event is edited",
        _in(
            "merging",
            "            and entry.record is not None\n            and not rules.is_removal",
            "            and False\n            and not rules.is_removal",
        ),
        on_sqlite(CONTRACT, "test_an_event_says_who_recorded_it_and_never_changes"),
    ),
    Trap(
        "records of two types are merged",
        _in(
            "classes",
            "        and len({e.type for e in both if e}) == 1\n",
            "",
        ),
        on_sqlite(CLASSES, "test_records_of_two_types_are_never_one"),
    ),
    Trap(
        "the row of a stub keeps its fields",
        _in(
            "working",
            'rev, {"alias_of": entry.alias_of}]',
            'rev, {**entry.fields, "alias_of": entry.alias_of}]',
        ),
        on_sqlite(
            CLASSES, "test_the_eldest_shows_the_class_and_the_other_becomes_a_stub"
        ),
    ),
    Trap(
        "members of a class forget that its screens showed a key held",
        _in("classes", "member.record = watched(member.record, member.record if alone else whole, guarded, rev)", "pass"),
        on_sqlite(SEEN, "test_who_was_shown_a_class_with_a_held_key_cannot_clear_it"),
    ),
]  # fmt: skip

_PAGES = [
    Trap(
        "what has come to need the office still stands for information",
        _in("storing", "if stored and is_open and bool(stored[0]) is required:", "if stored and is_open:"),
        on_sqlite(
            CONTRACT, "test_a_conflict_waits_for_the_office_once_too_many_values_stand_side_by_side"
        ),
    ),
    Trap(
        "revs are counted per bucket: a moved row keeps the one it had",
        _in("working", "    entry.row[2] = rev\n", ""),
        on_sqlite(
            CONTRACT, "test_a_household_that_moves_takes_everything_to_the_other_grid"
        ),
    ),
    Trap(
        "a moved record is not taken out of its old bucket",
        _in(
            "storing",
            "                entry.members.setdefault(entry.was_home.bucket, False)",
            "                pass",
        ),
        on_sqlite(
            CONTRACT, "test_a_household_that_moves_takes_everything_to_the_other_grid"
        ),
    ),
    Trap(
        "a page is cut inside one rev",
        _in("pull", "        if rev != previous and budget <= 0:", "        if budget <= 0:"),
        on_sqlite(CONTRACT, "test_pages_are_cut_between_revisions_and_add_up"),
    ),
    Trap(
        "a cursor passes rows that were not delivered",
        _in(
            "pull",
            "head = min(head, rows[-1][2] - 1)",
            "pass",
        ),
        on_sqlite(PAGES, "test_rows_beyond_what_is_read_at_a_time_come_with_the_next_page"),
    ),
    Trap(
        "the cursor of another lineage is believed",
        _in("pull", "        if cursor > head:  # another", "        if False:  # another"),
        on_sqlite(PAGES, "test_a_cursor_from_the_future_starts_over"),
    ),
    Trap(
        "agreement is claimed whatever the phone holds",
        _in("pull", "page.agrees = held == digest if held else None", "page.agrees = True"),
        on_sqlite(CONTRACT, "test_agreement_is_said_when_both_ends_hold_the_same"),
    ),
    Trap(
        "the digest is over what was delivered, not over what is held",
        _in(
            "storing",
            "            for bucket, digest in before.items():\n"
            "                went.setdefault(bucket, []).append(digest)\n",
            "",
        ),
        on_sqlite(CONTRACT, "test_kept_digests_equal_a_recount"),
    ),
    Trap(
        "a comparison is answered though changes are on their way",
        _in(
            "pull",
            'if bucket in compare and stored.get(bucket, ("", 0))[1] <= wanted[bucket][0]:',
            "if bucket in compare:",
        ),
        on_sqlite(LINEAGE, "test_a_comparison_waits_until_the_changes_are_in"),
    ),
    Trap(
        "buckets are sent because they are asked for",
        _in(
            "pull",
            "    buckets = [b for b in allowed if b in wanted]",
            "    buckets = list(wanted)",
        ),
        on_sqlite(LINEAGE, "test_rows_of_a_bucket_one_may_not_hold_are_never_fetched"),
    ),
    Trap(
        "volunteers get every field",
        _in(
            "rules",
            "    shown = {k: v for k, v in row[3].items() if can_see(record_type, k, projection)}",
            "    shown = dict(row[3])",
        ),
        on_sqlite(CONTRACT, "test_a_volunteers_bucket_holds_no_hidden_field"),
    ),
    Trap(
        "volunteers get the other values of hidden fields",
        _in(
            "rules",
            'if k == "present" or can_see(record_type, k, projection)\n',
            "if k\n",
        ),
        on_sqlite(PAGES, "test_a_volunteer_is_not_shown_that_a_hidden_field_is_contested"),
    ),
    Trap(
        "a revoked phone still gets rows",
        (
            Patch(
                "server/api/sync.py",
                "buckets = [] if device.revoked_at else scope.buckets",
                "buckets = scope.buckets",
            ),
        ),
        named(SYNC, "test_a_revoked_phone_gets_no_row_any_more"),
    ),
    Trap(
        "an op kept aside is applied all the same",
        _in(
            "merging",
            "self._aside[self.answer.generation, seq] = op\n            else:",
            "self._aside[self.answer.generation, seq] = op\n            if True:",
        ),
        on_sqlite(CONTRACT, "test_a_revoked_phone_is_kept_aside"),
    ),
    Trap(
        "the withdrawal of a grant is ignored",
        _in(
            "merging",
            "for b, ended_at in batch.ended.items() if op.contact <= ended_at}",
            "for b in batch.ended}",
        ),
        on_sqlite(LINEAGE, "test_work_begun_before_a_grid_was_withdrawn_is_applied"),
    ),
    Trap(
        "work begun before a grant was withdrawn is kept aside",
        _in(
            "merging",
            "buckets = buckets | {b for b, ended_at in batch.ended.items() if op.contact <= ended_at}",
            "pass",
        ),
        on_sqlite(LINEAGE, "test_work_begun_before_a_grid_was_withdrawn_is_applied"),
    ),
    Trap(
        "a restored server keeps its epoch",
        _in("lineage", "new_epoch=short_id()", "new_epoch=found.epoch"),
        on_sqlite(
            LINEAGE, "test_a_restored_server_has_a_new_epoch_and_numbers_on_far_beyond"
        ),
    ),
    Trap(
        "a restored server gives revs a second time",
        _in("lineage", "new_epoch=short_id(), new_rev=resumed)", "new_epoch=short_id(), new_rev=rev)"),
        on_sqlite(
            LINEAGE, "test_a_restored_server_has_a_new_epoch_and_numbers_on_far_beyond"
        ),
    ),
    Trap(
        "phones are told to forget what no backup holds",
        _in(
            "push",
            "    answer.kept = kept_seq if kept_generation == generation else 0",
            "    answer.kept = answer.acked",
        ),
        on_sqlite(LINEAGE, "test_what_came_after_a_backup_is_not_said_to_be_kept"),
    ),
]  # fmt: skip

_ERASING = [
    Trap(
        "anybody may remove an event",
        _in("rules", "return authority and dict(change.set)", "return dict(change.set)"),
        on_sqlite(ERASING, "test_a_volunteers_phone_cannot_take_an_event_away"),
    ),
    Trap(
        "an official's phone takes an event out of the register",
        _in("merging", "                and rules.is_removal(", "                and not rules.is_removal("),
        on_sqlite(ERASING, "test_not_even_the_officials_phone_takes_an_event_away"),
    ),
    Trap(
        "a released event has its author's authority when it is recounted, an official's",
        _in("merging", "batch.authority and not reason", "batch.authority"),
        on_sqlite(ERASING, "test_not_even_the_officials_phone_takes_an_event_away"),
    ),
    Trap(
        "a recount forgets that events may be removed",
        _in(
            "recount",
            "not rules.is_removal(change, authority=bool(authority))",
            "not False",
        ),
        on_sqlite(
            ERASING, "test_of_an_erased_child_and_its_visits_nothing_is_left_and_all_adds_up"
        ),
    ),
    Trap(
        "what was said stays in the log of an erased record",
        _in("erasing", '"new_body": emptied', '"new_body": body'),
        on_sqlite(
            ERASING, "test_of_an_erased_child_and_its_visits_nothing_is_left_and_all_adds_up"
        ),
    ),
    Trap(
        "what the server had added stays in the log of an erased record",
        _in(
            "erasing",
            "text(dict(_others(parsed(given), wanted))) if given else given",
            "given",
        ),
        on_sqlite(ERASING, "test_of_an_erased_child_and_its_visits_nothing_is_left_and_all_adds_up"),
    ),
    Trap(
        "a picture goes that another record still shows",
        _in("erasing", "names=sorted(named - kept)", "names=sorted(named)"),
        on_sqlite(
            ERASING, "test_pictures_of_an_erased_record_go_unless_another_record_names_them"
        ),
    ),
    Trap(
        "half of a merged record is erased",
        _in("erasing", "return entry.alias_of not in wanted if is_stub", "return False if is_stub"),
        on_sqlite(ERASING, "test_merged_records_are_erased_together_or_not_at_all"),
    ),
]  # fmt: skip

_WHO = [
    Trap(
        "a pairing that waits for a helper, or has not begun, opens the file",
        _in("placement", "if whole and in_force(pairing, on) else", "if whole else"),
        on_sqlite(
            PAIRING_DAYS,
            "test_a_pairing_that_begins_to_wait_for_a_helper_takes_the_child_from_who_has_gone",
        ),
    ),
    Trap(
        "a new day changes nobody's bucket",
        _in("registry", "            if roots:\n                await", "            if not roots:\n                await"),
        on_sqlite(
            PAIRING_DAYS,
            "test_the_day_it_begins_brings_the_child_and_the_day_after_its_last_takes_it_away",
        ),
    ),
    Trap(
        "whose term has ended still adds households",
        _in("merging", "if not buckets:  # a term", "if False:  # a term"),
        on_sqlite(CONTRACT, "test_whose_term_has_ended_brings_nothing_new_past_the_office"),
    ),
    Trap(
        "a phone is believed about sheets of paper",
        _in("merging", "{**dict.fromkeys(paper), ", "{"),
        named(PAPER, "test_a_phone_is_not_believed_about_sheets_of_paper"),
    ),
    Trap(
        "a phone that was cut off brings without bound",
        _in("push", "if count + len(bodies) > MOST_ASIDE or", "if False or"),
        named(SYNC, "test_a_phone_that_was_cut_off_is_told_to_carry_the_rest_to_the_office"),
    ),
]  # fmt: skip

TRAPS = [*_QUEUE, *_CAUSES, *_PAGES, *_ERASING, *_WHO]
