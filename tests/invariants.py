"""The promises of sync, I1 to I33, and the tests that hold each of them.

A test is named by a part of its id; `tests/kinds.py` prints the table after a whole run and fails it when a promise has
no test that ran. `sim` stands for the simulator's check of the promise over all its histories.
"""

from __future__ import annotations

SIM = "every_invariant_is_checked_with_something_at_stake[{}]"

INVARIANTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "I1": ("acked ops are in the log exactly once", ("ten_kills_during_pushes", "stored_once", "sim")),
    "I2": ("a repeated request changes nothing", ("repeated_push_changes_nothing", "sim")),
    "I3": ("seqs have no gaps; a fork loses neither branch", ("is_a_fork_and_loses_nothing", "sim")),
    "I4": ("every op gets its verdict, none blocks", ("malformed_op_is_kept_and_blocks_nothing", "sim")),
    "I5": ("a crash at any step ends as without it", ("dies_after_any_statement", "sim")),
    "I6": ("after a restore lost ops come back", ("offered_again_counts_as", "sim")),
    "I7": ("superseded only by who was shown it", ("what_no_later_author_was_shown", "sim")),
    "I8": ("contested iff maximal edits differ", ("kept_but_not_contested", "sim")),
    "I9": ("the order of arrival does not matter", ("order_of_arrival_does_not_matter", "sim")),
    "I10": ("state = fold of the log; SQLite = PostgreSQL", ("is_the_fold_of_the_log", "both_databases_come_to_the_same")),
    "I11": ("without concurrency clocks change nothing", ("clocks_change_nothing", "ten_years_ahead")),
    "I12": ("corrected time: bounded, monotone, fixed", ("between_contact_and_arrival", "fixed_when_it_is_first_accepted", "sim")),
    "I13": ("no op is refused for its clock", ("ten_years_ahead", "sim")),
    "I14": ("an element is in iff an unseen add put it in", ("adding_wins_over_a_removal", "sim")),
    "I15": ("side by side: exactly the maximal values", ("saw_both_settles_the_conflict", "sim")),
    "I16": ("held clears by authority, opens again", ("cleared_by_the_office_only", "opens_it_again", "sim")),
    "I17": ("events only grow; op groups are atomic", ("never_changes", "made_in_one_op_arrive_together", "sim")),
    "I18": ("a complete pull equals the server", ("reader_of_every_commit_misses_no_row", "sim")),
    "I19": ("pages and cuts change nothing", ("small_budgets_give_many_pages", "sim")),
    "I20": ("confirmed holds nothing un-acked", ("screen_and_next_edit_are_as_the_vectors_tell", "sim")),
    "I21": ("never older than the own last edit", ("screen_and_next_edit_are_as_the_vectors_tell", "sim")),
    "I22": ("digests equal iff rows equal", ("kept_digests_equal_a_recount", "sim")),
    "I23": ("a wrong row is found and mended alone", ("one_wrong_row_is_found", "sim")),
    "I24": ("nothing beyond scope leaves the server", ("may_not_hold_are_never_fetched", "gets_no_row_any_more", "sim")),
    "I25": ("a moved record is there exactly once", ("takes_everything_to_the_other_grid", "sim")),
    "I26": ("pending survives scope loss and revocation", ("hands_in_its_work", "sim")),
    "I27": ("what was deleted seeing all stays deleted", ("removed_again_still_reaches", "sim")),
    "I28": ("a delete that missed an edit is contested", ("delete_that_missed_an_edit", "sim")),
    "I29": ("merging commutes; un-merging restores", ("order_of_merging_does_not_matter", "gives_both_records_back_exactly", "sim")),
    "I30": ("references follow the class and back", ("references_follow_to_who_stands", "sim")),
    "I31": ("unknown fields survive byte for byte", ("survive_its_edits_byte_for_byte",)),
    "I32": ("bytes follow what changed", ("rows_that_changed_and_no_others", "idle_sync_is_one_small_request")),
    "I33": ("in the end queues are empty, digests agree", ("syncing_at_once_all_agree", "sim")),
}  # fmt: skip


def tests_of(invariant: str) -> tuple[str, ...]:
    """The parts of test ids that hold a promise."""
    _, parts = INVARIANTS[invariant]
    return tuple(SIM.format(invariant) if part == "sim" else part for part in parts)
