"""A run: what it finds, that it adds up, and that it is done once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from apps.jobs.services.leases import ClaimLost
from apps.organizations.models import RoleAssignment
from apps.reconciliation.clients import duck_results
from apps.reconciliation.errors import RunIsElsewhere, RunNotProved, TooManyRuns
from apps.reconciliation.models import MatchedItem, ReconciliationRun
from apps.reconciliation.services import running, storing
from apps.reconciliation.services.queueing import runs_before
from apps.reconciliation.services.run_progress import LEASES
from apps.reconciliation.services.running import run_reconciliation, unfinished_runs
from apps.reconciliation.services.starting import (
    cancel_run,
    resume_run,
    schedule_runs,
    start_run,
)
from apps.reconciliation.tasks import resume_runs
from apps.statements.models import Channel
from tests.factories import make_senior
from tests.reconciliation.world import DAYS, make_books, make_run, run_now
from tests.statements.world import make_line, make_statement, read

pytestmark = pytest.mark.django_db


def buckets_of(channel: Channel) -> list[tuple[str, str]]:
    """Return side and bucket of all rows."""
    rows = MatchedItem.objects.filter(channel=channel).order_by("side", "item_id")
    return list(rows.values_list("side", "bucket"))


def test_a_run_puts_each_row_into_a_bucket_and_books_still_hold() -> None:
    channel = make_books(("TXN-1", "100.00"), ("TXN-2", "50.00"), ('a "quoted"\nname', "7.00"))
    make_statement(channel, read(make_line("100.00", "txn 1"), make_line("49.00", "OTHER")))

    run = run_now(channel)

    assert (run.state, run.book_count, run.statement_count) == ("review", 3, 2)
    assert buckets_of(channel)[0] == ("book", "exact")
    call_command("verify_books")


def test_what_is_open_is_offered_to_the_next_run() -> None:
    channel = make_books(("TXN-1", "100.00"))
    first = run_now(channel)
    make_statement(channel, read(make_line("100.00", "TXN-1")))

    second = run_now(channel)

    assert (first.counters["book"], second.counters["book"]) == (
        {"missing_ext": 1}, {"exact": 1},
    )  # fmt: skip
    assert set(buckets_of(channel)) == {("book", "exact"), ("statement", "exact")}


def test_what_was_matched_takes_no_part_again_but_its_double_is_known() -> None:
    channel = make_books(("TXN-1", "100.00"))
    make_statement(channel, read(make_line("100.00", "TXN-1")))
    run_now(channel)
    make_statement(channel, read(make_line("100.00", "TXN-1", text="again")))

    second = run_now(channel)

    assert (second.book_count, second.counters["statement"]) == (0, {"duplicate": 1})


def test_the_same_rows_and_rules_give_the_same_digest() -> None:
    channel = make_books(("TXN-1", "100.00"), ("TXN-2", "1.00"))

    assert run_now(channel).digest == run_now(channel).digest != ""


def test_the_digest_is_the_same_however_results_are_cut_into_files_and_blocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channel = make_books(*((f"TXN-{number}", "1.00") for number in range(9)))
    whole = run_now(channel).digest
    monkeypatch.setattr(duck_results, "ROWS_IN_FILE", 2)
    monkeypatch.setattr(storing, "_BLOCK", 1)

    assert run_now(channel).digest == whole


def test_the_digest_is_the_same_whether_later_passes_are_done_before_or_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channel = make_books(("TXN-1", "100.00"), ("TXN-2", "1.00"))
    make_statement(channel, read(make_line("100.00", "TXN-1"), make_line("1.20", "TXN-2")))
    meanwhile = run_now(channel).digest
    MatchedItem.objects.all().delete()
    monkeypatch.setattr(running, "MOST_LEFT", 0)

    assert run_now(channel).digest == meanwhile


def test_nothing_that_was_sent_stays_when_a_later_pass_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channel = make_books(("TXN-1", "100.00"), ("TXN-2", "1.00"))
    make_statement(channel, read(make_line("100.00", "TXN-1")))

    def fail(_self: object) -> None:
        raise RunNotProved(problem="a pass that cannot be done")

    monkeypatch.setattr("apps.reconciliation.clients.duck.Engine.go_on", fail)

    assert (run_now(channel).state, buckets_of(channel)) == ("failed", [])


def test_a_run_started_twice_is_one_run() -> None:
    channel = make_books()
    actor = make_senior(channel.ledger)
    waiting = make_run(channel, actor)

    found = start_run(channel, **DAYS, actor=actor)

    assert (found.pk, runs_before(found)) == (waiting.pk, 0)
    assert run_reconciliation(found.pk)
    assert run_reconciliation(found.pk)


def test_another_worker_leaves_a_claimed_run_alone() -> None:
    run = make_run(make_books())
    LEASES.claim(run.pk)

    assert run_reconciliation(run.pk) is False


def test_a_run_whose_worker_died_is_taken_over_and_the_late_one_is_fenced_off() -> None:
    channel = make_books(("TXN-1", "100.00"))
    late = LEASES.claim(make_run(channel, **DAYS).pk)
    assert late is not None
    ReconciliationRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    run_reconciliation(late.pk)

    with pytest.raises(ClaimLost):
        running._do(late)
    assert buckets_of(channel) == [("book", "missing_ext")]


def test_results_that_do_not_add_up_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = make_books(("TXN-1", "100.00"))
    monkeypatch.setattr("apps.reconciliation.clients.duck.Engine.totals", lambda _self: {})

    run = run_now(channel)

    assert (run.state, buckets_of(channel)) == ("failed", [])
    monkeypatch.undo()
    resumed = resume_run(run, actor=run.created_by)
    resumed.refresh_from_db()
    assert resumed.state in {"created", "review"}


def test_a_waiting_run_is_cancelled_at_once_and_a_finished_one_not_at_all() -> None:
    run = make_run(make_books())

    assert cancel_run(run, actor=run.created_by).state == "cancelled"
    with pytest.raises(RunIsElsewhere):
        cancel_run(run, actor=run.created_by)


def test_a_full_queue_takes_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run(make_books())
    monkeypatch.setattr("apps.reconciliation.services.starting.MOST_OF_ALL", 1)
    other = make_books()

    with pytest.raises(TooManyRuns, match="1 runs"):
        start_run(other, **DAYS, actor=make_senior(other.ledger))
    assert run.state == "created"


def test_the_clock_runs_channels_that_have_a_new_statement() -> None:
    channel = make_books()
    make_books()
    make_statement(channel, read(make_line("1.00", "A")))

    assert schedule_runs() == 1
    assert schedule_runs() == 0


def test_who_may_not_run_any_more_stops_the_schedule_of_nobody_else() -> None:
    left, stays = make_books(), make_books()
    for channel in (left, stays):
        make_statement(channel, read(make_line("1.00", "A")))
    RoleAssignment.objects.filter(user=left.statements.get().imported_by).delete()

    assert schedule_runs() == 1
    assert (left.runs.count(), stays.runs.count()) == (0, 1)


def test_a_scheduled_run_is_of_the_month_that_the_new_statement_tells_of() -> None:
    channel = make_books()
    make_statement(channel, read(make_line("1.00", "A", day=date(2026, 9, 30))))

    schedule_runs(today=date(2026, 10, 5))

    run = channel.runs.get()
    assert (run.from_on, run.to_on) == (date(2026, 9, 1), date(2026, 9, 30))


def test_a_scheduled_run_ends_with_yesterday_while_its_month_goes_on() -> None:
    channel = make_books()
    make_statement(channel, read(make_line("1.00", "A", day=date(2026, 10, 4))))

    schedule_runs(today=date(2026, 10, 5))

    assert channel.runs.get().to_on == date(2026, 10, 4)


def test_beat_rings_for_the_oldest_runs_that_nobody_has() -> None:
    first, second = make_run(make_books()), make_run(make_books())
    LEASES.claim(first.pk)

    resume_runs()

    second.refresh_from_db()
    assert (unfinished_runs(5), second.state) == ([], "review")
