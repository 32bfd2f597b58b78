"""Breaks follow runs: opened, carried forward, cleared, opened again."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from apps.audit.models import OperationLog
from apps.reconciliation.models import Break, BreakRollForward, ReconciliationRun
from apps.reconciliation.services.breaks_opening import follow_run
from apps.reconciliation.words import BreakState
from tests.factories import DAY
from tests.reconciliation.world import make_books, run_now
from tests.statements.world import make_line, make_statement, read

pytestmark = pytest.mark.django_db


def found() -> list[tuple[str, str, str]]:
    """Return side, category and state of all breaks."""
    rows = Break.objects.order_by("side", "item_id")
    return list(rows.values_list("side", "category", "state"))


def rolled(run: ReconciliationRun) -> tuple[int, ...]:
    """Return brought, opened, cleared and carried of a run, over all categories."""
    rows = BreakRollForward.objects.filter(run=run)
    columns = ("brought", "opened", "cleared", "carried")
    return tuple(sum(getattr(row, column) for row in rows) for column in columns)


def test_a_run_opens_a_break_for_each_row_that_is_left() -> None:
    channel = make_books(("TXN-1", "100.00"), ("TXN-2", "50.00"), ("TXN-3", "9.00"))
    day = DAY + timedelta(days=5)
    lines = (make_line("100.00", "txn 1"), make_line("20.00", "TXN-2", day=day))
    make_statement(channel, read(*lines, make_line("7.00", "ELSE")))

    run = run_now(channel)

    assert found() == [
        ("book", "amount", "open"),
        ("book", "missing_theirs", "open"),
        ("statement", "amount", "open"),
        ("statement", "missing_ours", "open"),
    ]
    amount = Break.objects.get(side="statement", category="amount")
    assert (amount.booked_on, amount.amount, amount.at_risk) == (
        day, Decimal(20), Decimal(30),
    )  # fmt: skip
    assert rolled(run) == (0, 4, 0, 4)
    call_command("verify_books")


def test_a_break_leaves_a_history_and_a_trace() -> None:
    run = run_now(make_books(("TXN-1", "100.00")))

    row = Break.objects.get()
    (kept,) = row.history.all()
    assert (kept.history_type, kept.history_user_id, kept.history_change_reason) == (
        "+", run.created_by_id, "run 1",
    )  # fmt: skip
    trace = OperationLog.objects.get(resource_type="reconciliation_break")
    assert (trace.resource_id, trace.kind) == (str(row.pk), "reconciliation.finish")


def test_what_stays_open_keeps_its_break_and_what_is_matched_later_is_cleared() -> None:
    channel = make_books(("TXN-1", "100.00"), ("TXN-2", "50.00"))
    run_now(channel)
    Break.objects.filter(amount=50).update(note="asked them", version=2)
    make_statement(channel, read(make_line("100.00", "TXN-1"), make_line("3.00", "NEW")))

    second = run_now(channel)

    cleared, carried = Break.objects.get(amount=100), Break.objects.get(amount=50)
    assert (cleared.state, cleared.resolution, cleared.last_run) == (
        "resolved", "matched", second,
    )  # fmt: skip
    assert (carried.note, carried.version, carried.history.count()) == ("asked them", 2, 1)
    assert rolled(second) == (2, 1, 1, 2)


def test_a_row_that_is_not_matched_any_more_opens_its_break_again() -> None:
    channel = make_books(("TXN-1", "100.00"))
    first = run_now(channel)
    Break.objects.update(state="resolved", resolution="manual", version=2)

    second = run_now(channel)

    row = Break.objects.get()
    assert (row.state, row.resolution, row.first_run) == ("open", "", second)
    assert (rolled(first), rolled(second)) == ((0, 1, 0, 1), (0, 1, 0, 1))


def test_following_a_run_twice_changes_nothing() -> None:
    run = run_now(make_books(("TXN-1", "100.00")))

    with pytest.raises(IntegrityError, match="run_rolls_a_category_once"), transaction.atomic():
        follow_run(run)

    assert (Break.objects.get().version, Break.history.count()) == (1, 1)


def test_waiting_ends_with_its_day() -> None:
    channel = make_books(("TXN-1", "100.00"))
    run_now(channel)
    Break.objects.update(state=BreakState.WAITING, waits_until=date(2026, 3, 3), version=2)

    run_now(channel)

    row = Break.objects.get()
    assert (row.state, row.waits_until, row.version) == ("open", None, 3)


def test_a_break_stays_about_its_row_and_never_goes() -> None:
    run_now(make_books(("TXN-1", "100.00")))

    for change in ({"amount": 1, "version": 2}, {"note": "no version"}):
        with pytest.raises(DatabaseError, match="break"), transaction.atomic():
            Break.objects.update(**change)
    with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic():
        Break.objects.all()._raw_delete("default")
