"""Many tasks answered by one press, ten seconds later, each with a result of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import Error, transaction
from django.utils import timezone

from apps.approvals.access import tasks_chosen_by
from apps.approvals.errors import (
    DecisionReasonIsMissing,
    NothingChosen,
    TooLateToUndo,
    TooManyChosen,
)
from apps.approvals.models import ApprovalDecision, ApprovalTask, BatchItem, DecisionBatch
from apps.approvals.services import batches
from apps.approvals.services.batch_running import due_batches, run_batch
from apps.approvals.services.batches import begin_batch, undo_batch
from apps.approvals.services.inbox import count_waiting
from apps.approvals.tasks import run_batch as task_of_worker
from apps.approvals.tasks import run_due_batches
from apps.core.errors import Forbidden
from tests.approvals.desks import Desk
from tests.approvals.rounds import (
    APPROVE,
    REJECT,
    approve,
    ask_for,
    make_bill,
    make_partner,
    state_of,
)
from tests.factories import make_approver

pytestmark = pytest.mark.django_db
LATER = timedelta(seconds=11)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def press(desk: Desk, verdict: Any = APPROVE, **values: Any) -> DecisionBatch:
    waiting = ApprovalTask.objects.filter(person=desk.person, state="open")
    tasks = tasks_chosen_by(desk.person, waiting.values_list("pk", flat=True))
    return begin_batch(tasks, verdict, actor=desk.person, **values)


def carry_out(batch: DecisionBatch) -> list[str]:
    """Let its time come, run it, and return the results."""
    later = timezone.now() + LATER
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: later)
        run_batch(batch.pk)
    batch.refresh_from_db()
    return list(batch.items.values_list("outcome", flat=True))


def test_nothing_is_decided_before_its_time(desk: Desk) -> None:
    request = desk.ask()
    batch = press(desk)

    assert not run_batch(batch.pk)
    assert state_of(request) == ("open", "submitted")
    assert carry_out(batch) == ["done"]
    assert state_of(request) == ("approved", "approved")


def test_each_task_has_a_result_and_one_refusal_stops_no_other(desk: Desk) -> None:
    first, second = desk.ask("100"), desk.ask("200")
    batch = press(desk)
    approve(first, desk.person)

    assert carry_out(batch) == ["refused", "done"]
    assert "was faster" in batch.items.get(outcome="refused").note
    assert state_of(second) == ("approved", "approved")


def test_what_is_undone_decides_nothing_and_waits_as_before(desk: Desk) -> None:
    request = desk.ask()
    batch = press(desk)
    assert count_waiting(desk.person) == 0

    undo_batch(batch, actor=desk.person)

    assert carry_out(batch) == ["waiting"]
    assert state_of(request) == ("open", "submitted")
    assert count_waiting(desk.person) == 1


def test_what_is_carried_out_is_not_undone(desk: Desk) -> None:
    request = desk.ask()
    batch = press(desk)
    carry_out(batch)

    with pytest.raises(TooLateToUndo):
        undo_batch(batch, actor=desk.person)

    assert state_of(request)[0] == "approved"


def test_only_who_pressed_may_undo(desk: Desk) -> None:
    desk.ask()
    batch = press(desk)

    with pytest.raises(Forbidden):
        undo_batch(batch, actor=make_approver(desk.ledger))


def test_what_has_notes_on_risk_is_left_out_unless_asked_for(desk: Desk) -> None:
    desk.ask()
    risky = ask_for(make_bill(desk.ledger, make_partner(desk.ledger)))

    assert carry_out(press(desk)) == ["done", "left_out"]
    assert state_of(risky) == ("open", "submitted")
    assert carry_out(press(desk, with_risky=True)) == ["done"]


def test_nothing_but_risky_ones_is_nothing(desk: Desk) -> None:
    ask_for(make_bill(desk.ledger, make_partner(desk.ledger)))

    with pytest.raises(NothingChosen):
        press(desk)

    assert not DecisionBatch.objects.exists()


def test_a_rejection_of_many_needs_a_reason_that_each_maker_reads(desk: Desk) -> None:
    requests = [desk.ask(), desk.ask()]
    with pytest.raises(DecisionReasonIsMissing):
        press(desk, REJECT)

    carry_out(press(desk, REJECT, reason="No receipts"))

    assert [state_of(one) for one in requests] == [("rejected", "draft")] * 2
    decisions = ApprovalDecision.objects.filter(kind=REJECT)
    assert {one.reason for one in decisions} == {"No receipts"}


def test_one_press_takes_so_many_and_no_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MOST_TASKS", 1)
    desk.ask()
    desk.ask()

    with pytest.raises(TooManyChosen):
        press(desk)


def test_a_second_run_decides_nothing_again(desk: Desk) -> None:
    desk.ask()
    batch = press(desk)
    carry_out(batch)

    assert carry_out(batch) == ["done"]
    assert ApprovalDecision.objects.filter(kind=APPROVE).count() == 1


def test_another_worker_goes_on_where_one_died(desk: Desk) -> None:
    request = desk.ask()
    batch = press(desk)
    past = timezone.now() - timedelta(seconds=1)
    rows = DecisionBatch.objects.filter(pk=batch.pk)
    rows.update(state="running", lease_until=timezone.now() + LATER)
    assert due_batches() == []
    rows.update(lease_until=past)

    run_due_batches()

    assert state_of(request)[0] == "approved"
    assert due_batches() == []


def test_beat_finds_what_no_worker_was_there_for(desk: Desk) -> None:
    desk.ask()
    batch = press(desk)

    assert due_batches() == []
    assert due_batches(timezone.now() + LATER) == [batch.pk]
    task_of_worker(batch.pk)


@pytest.mark.parametrize(
    "changes",
    [{"verdict": "reject"}, {"state": "done"}, {"due_at": None}],
)
def test_postgresql_keeps_a_press_as_it_was_begun(desk: Desk, changes: Any) -> None:
    desk.ask()
    batch = press(desk)

    with pytest.raises(Error), transaction.atomic():
        DecisionBatch.objects.filter(pk=batch.pk).update(**changes)


def test_postgresql_lets_no_undone_press_answer(desk: Desk) -> None:
    desk.ask()
    batch = press(desk)
    undo_batch(batch, actor=desk.person)

    with pytest.raises(Error), transaction.atomic():
        BatchItem.objects.filter(batch=batch).update(outcome="done")
    with pytest.raises(Error), transaction.atomic():
        BatchItem.objects.filter(batch=batch).delete()
