"""A large run by tasks: the same results as by one, nothing half there, done by whom it may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from apps.reconciliation.models import MatchedItem, ReconciliationRun, RunFile, RunPartition
from apps.reconciliation.services import partitions, running
from apps.reconciliation.services.partitions import free_partitions, run_partition
from apps.reconciliation.services.run_pages import progress_page
from apps.reconciliation.services.running import run_reconciliation, unfinished_runs
from apps.reconciliation.services.staging import forget_ended
from apps.reconciliation.services.starting import cancel_run, resume_run
from apps.statements.models import Channel
from tests.reconciliation.world import make_books, run_now
from tests.statements.world import make_line, make_statement, read

pytestmark = pytest.mark.django_db


def make_mixed() -> Channel:
    """Return a channel with pairs, groups, doubles, near amounts, texts and lonely rows."""
    pairs = [(f"TXN-{number}", f"{number}.00") for number in range(1, 8)]
    more = (("G-1", "10.00"), ("G-1", "5.00"), ("T-1", "9.00"), ("?", "3.33"))
    channel = make_books(*pairs, *more)
    lines = [make_line(amount, reference) for reference, amount in pairs]
    lines += [
        make_line("1.00", "TXN-1", text="again"),
        make_line("15.00", "G-1"),
        make_line("9.20", "T-1"),
        make_line("3.33", "", text="who is it"),
        make_line("77.00", "NOBODY"),
    ]
    make_statement(channel, read(*lines))
    return channel


def results_of(channel: Channel) -> list[Any]:
    """Return what is known of all rows but the run."""
    rows = MatchedItem.objects.filter(channel=channel).order_by("side", "item_id")
    return list(rows.values_list("side", "item_id", "bucket", "group_id", "delta", "pass_name"))


def split_by(settings: Any, rows: int) -> None:
    """Let runs be split into partitions of so many rows."""
    settings.RECONCILIATION_PARTITION_ROWS = rows


def do_partitions(run: ReconciliationRun) -> None:
    """Let one worker do all partitions and the last step."""
    for pk in free_partitions(99):
        run_partition(pk)
    run_reconciliation(run.pk)
    run.refresh_from_db()


@pytest.mark.parametrize(("rows", "parts"), [(99, 0), (12, 2), (8, 3), (4, 6)])
def test_a_run_by_parts_finds_what_one_task_finds(settings: Any, rows: int, parts: int) -> None:
    channel = make_mixed()
    whole = run_now(channel)
    expected = results_of(channel)
    MatchedItem.objects.filter(channel=channel).delete()
    split_by(settings, rows)

    run = run_now(channel)
    do_partitions(run)

    assert run.partitions.count() == parts
    assert (run.state, run.digest, run.counters) == ("review", whole.digest, whole.counters)
    assert results_of(channel) == expected
    assert (run.book_count, run.statement_count) == (whole.book_count, whole.statement_count)
    assert not RunFile.objects.exists()


def test_a_double_of_what_an_earlier_run_matched_is_known_in_its_partition(
    settings: Any,
) -> None:
    channel = make_mixed()
    run_now(channel)
    doubles = (make_line("2.00", "TXN-2", text="2nd"), make_line("4.00", "TXN-4", text="2nd"))
    make_statement(channel, read(*doubles))
    split_by(settings, 2)

    run = run_now(channel)
    do_partitions(run)

    assert run.partitions.count() > 1
    assert run.counters["statement"]["duplicate"] == 3
    call_command("verify_books")


def test_nothing_is_seen_before_the_last_step(settings: Any) -> None:
    split_by(settings, 8)
    run = run_now(make_mixed())

    waiting = free_partitions(99)
    ends = [run_partition(pk) for pk in waiting]

    assert (run.state, len(waiting), ends) == ("matching", 3, [None, None, run.pk])
    assert not MatchedItem.objects.exists()
    assert [run_partition(pk) for pk in waiting] == [None, None, None]


def test_the_last_step_waits_for_all_partitions(settings: Any) -> None:
    split_by(settings, 8)
    run = run_now(make_mixed())
    first, *_others = free_partitions(99)
    run_partition(first)

    assert run_reconciliation(run.pk)
    assert unfinished_runs(9) == []
    run.refresh_from_db()
    assert (run.state, run.attempt) == ("matching", 1)


def test_a_partition_that_another_worker_has_is_left_alone(settings: Any) -> None:
    split_by(settings, 8)
    run_now(make_mixed())
    first, *others = free_partitions(99)
    partitions.LEASES.claim(first)

    assert (run_partition(first), free_partitions(99)) == (None, others)


def test_a_run_is_cancelled_between_partitions_and_leaves_no_files(settings: Any) -> None:
    split_by(settings, 8)
    run = run_now(make_mixed())
    first, second, _third = free_partitions(99)
    run_partition(first)

    cancelled = cancel_run(run, actor=run.created_by)
    run_partition(second)
    forget_ended()

    assert (cancelled.state, free_partitions(99)) == ("cancelled", [])
    assert RunPartition.objects.filter(state="done").count() == 1
    assert not RunFile.objects.exists()


def test_a_failed_partition_fails_the_run_which_goes_on_where_it_was(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    split_by(settings, 8)
    run = run_now(make_mixed())
    first, second, _third = free_partitions(99)
    run_partition(first)
    monkeypatch.setattr(
        "apps.reconciliation.clients.duck.Engine.prove", lambda _self: ["wrong"]
    )

    run_partition(second)

    run.refresh_from_db()
    assert (run.state, MatchedItem.objects.count()) == ("failed", 0)
    monkeypatch.undo()
    resumed = resume_run(run, actor=run.created_by)
    run_reconciliation(resumed.pk)
    do_partitions(resumed)
    assert resumed.state == "review"
    assert RunPartition.objects.get(pk=first).attempt == 1


def test_results_that_do_not_add_up_are_not_kept_by_the_last_step_either(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    split_by(settings, 8)
    run = run_now(make_mixed())
    monkeypatch.setattr(running, "facts_of", lambda _run: [])

    do_partitions(run)

    assert (run.state, MatchedItem.objects.count()) == ("failed", 0)


def test_the_page_tells_partitions_and_remaining_time(settings: Any) -> None:
    split_by(settings, 8)
    run = run_now(make_mixed())
    run_partition(free_partitions(1)[0])
    run.refresh_from_db()
    ahead = timezone.now() + timedelta(minutes=1)
    run.partitions.filter(number=3).update(lease_until=ahead, version=F("version") + 1)

    page = progress_page(run)

    assert page is not None
    assert (page.parts_done, page.parts) == (1, ("done", "waiting", "working"))
    assert 0 < page.done < page.rows == 23
    assert page.left is not None
