"""Parts elsewhere: written off, tried with other rules, matched live, cut into partitions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from apps.reconciliation.errors import BreakIsTaken
from apps.reconciliation.models import Break, LiveItem, MatchedItem
from apps.reconciliation.services.break_splitting import undo_split
from apps.reconciliation.services.break_writing_off import book_write_offs, propose_write_off
from apps.reconciliation.services.row_parts import has_splits, lines_and_parts
from apps.reconciliation.services.rule_pages import trial_page
from apps.reconciliation.split_errors import PartIsUsed
from apps.statements.models import StatementLine
from tests.factories import DAY, make_account, make_senior
from tests.reconciliation.test_break_splitting import (
    break_of,
    buckets,
    make_open,
    split,
    the_line,
)
from tests.reconciliation.test_break_steps import post as have_posted
from tests.reconciliation.test_break_steps import told
from tests.reconciliation.test_partitions import do_partitions
from tests.reconciliation.world import make_trial, post, run_now

pytestmark = pytest.mark.django_db


def test_a_part_is_written_off_and_a_row_that_waits_for_it_is_not_split() -> None:
    channel, user = make_open()
    made = split(the_line(), "88.00", "12.00", actor=user)
    fees, part = make_account(channel.ledger, "6603"), break_of(made, 2)

    proposed = propose_write_off(
        channel, {part.pk: part.version}, account=fees.code, day=DAY, reason="fee", actor=user
    )
    with pytest.raises(BreakIsTaken):
        split(break_of(made, 2), "6.00", "6.00", actor=user)
    with pytest.raises(PartIsUsed, match="write-off proposed"):
        undo_split(made, version=1, actor=user, reason="wrong")
    have_posted(proposed.entry)
    book_write_offs([told(proposed.entry)])

    assert break_of(made, 2).resolution == "written_off"
    assert ("statement", Decimal(88), "missing_int") in buckets()
    call_command("verify_books")


def test_rules_are_tried_with_parts_in_place_of_the_row() -> None:
    channel, user = make_open(("T-1", "59.90"))
    split(the_line(), "60.00", "40.00", actor=user)

    trial = make_trial(channel, make_senior(channel.ledger), [{"kind": "exact"}])

    rows = trial_page(trial).rows
    theirs = {(row.amount, row.note) for row in rows if row.side == "statement"}
    assert theirs == {
        (Decimal(60), "part 1 of 2 of 100.00"),
        (Decimal(40), "part 2 of 2 of 100.00"),
    }


def test_live_matching_begins_anew_with_parts_under_the_reference_of_their_line() -> None:
    channel, user = make_open()
    made = split(the_line(), "60.00", "40.00", actor=user)

    run_now(channel)

    parts = set(made.parts.values_list("item_id", flat=True))
    found = LiveItem.objects.filter(channel=channel, side="statement")
    assert set(found.values_list("item_id", flat=True)) == parts
    assert set(found.values_list("reference", "amount")) == {("T1", 6_000), ("T1", 4_000)}


def live() -> set[tuple[str, int, str]]:
    """Return side, minor units and bucket of the rows since the last run."""
    return set(LiveItem.objects.values_list("side", "amount", "bucket"))


def test_a_part_is_matched_live_and_the_row_again_when_its_split_is_undone() -> None:
    _channel, user = make_open(("T-1", "40.00"))
    assert live() == {("book", 4_000, ""), ("statement", 10_000, "")}

    made = split(the_line(), "60.00", "40.00", actor=user)
    after_split = live()
    parts = set(made.parts.values_list("item_id", flat=True))
    keys = set(LiveItem.objects.filter(side="statement").values_list("item_id", flat=True))
    undo_split(made, version=1, actor=user, reason="wrong")

    assert after_split == {
        ("book", 4_000, "exact"),
        ("statement", 4_000, "exact"),
        ("statement", 6_000, ""),
    }
    assert keys == parts
    assert live() == {("book", 4_000, ""), ("statement", 10_000, "")}


def test_a_row_that_is_not_live_is_split_without_a_trace_there() -> None:
    channel, user = make_open()
    LiveItem.objects.filter(channel=channel).delete()

    split(the_line(), "60.00", "40.00", actor=user)

    assert live() == set()


def test_a_run_in_partitions_pairs_parts_as_one_without_does(settings: Any) -> None:
    channel, user = make_open()
    made = split(the_line(), "60.00", "40.00", actor=user)
    post(channel.ledger, channel.account, make_account(channel.ledger), "T-1", "40.00")
    settings.RECONCILIATION_PARTITION_ROWS = 1

    run = run_now(channel)
    do_partitions(run)

    assert (run.state, break_of(made, 2).resolution) == ("review", "matched")
    assert run.partitions.exists()
    call_command("verify_books")


def test_lines_are_found_for_rows_and_parts_alike() -> None:
    channel, user = make_open(("OUR-1", "5.00"))
    assert not has_splits(channel.pk)
    made = split(the_line(), "60.00", "40.00", actor=user)
    key = ("statement", made.parts.get(position=1).item_id)
    ours = MatchedItem.objects.get(side="book").item_id

    lines, parts = lines_and_parts([key, ("book", ours), ("book", key[1] + 9_000)])

    assert has_splits(channel.pk)
    assert lines[key] == StatementLine.objects.get()
    assert (set(parts), lines.keys() - {key}) == ({key}, {("book", ours)})
    assert Break.objects.count() == 4
