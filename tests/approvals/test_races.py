"""Two people at once: one outcome, the other told who it was; nothing doubled."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from apps.approvals.models import ApprovalDecision, ApprovalRequest
from apps.approvals.services.deciding import decide
from apps.approvals.services.requests import withdraw_request
from apps.core.errors import FinanceError
from apps.ledgers.models import JournalEntry
from apps.ledgers.services.drafts import withdraw_journal_entry
from tests.approvals.rounds import (
    APPROVE,
    ask_for,
    make_entry,
    make_flow,
    state_of,
    task_of,
)
from tests.factories import make_accountant, make_approver, make_ledger

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 50


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run works in threads of their own, begun together; return results or refusals."""
    gate = Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        try:
            gate.wait()
            return work()
        except FinanceError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def refusals(results: list[object]) -> list[FinanceError]:
    """Return what was refused."""
    return [one for one in results if isinstance(one, FinanceError)]


def verdicts(request: ApprovalRequest) -> int:
    """Return how many approvals a round has."""
    return ApprovalDecision.objects.filter(request=request, kind=APPROVE).count()


def test_of_two_approvers_one_approves_and_the_other_is_told_who() -> None:
    ledger = make_ledger()
    make_flow(ledger.organization)
    people, maker = [make_approver(ledger) for _ in range(2)], make_accountant(ledger)
    for _ in range(ROUNDS):
        request = ask_for(make_entry(ledger, maker=maker))
        tasks = [task_of(request, person) for person in people]

        results = at_once(
            lambda: decide(tasks[0], APPROVE, actor=people[0]),  # noqa: B023  (ends here)
            lambda: decide(tasks[1], APPROVE, actor=people[1]),  # noqa: B023
        )

        (refusal,) = refusals(results)
        winner = people[1 - results.index(refusal)]
        assert refusal.values["person"] == winner.display_name()
        assert (verdicts(request), state_of(request)) == (1, ("approved", "approved"))


def test_a_task_is_done_once_however_often_it_is_sent() -> None:
    ledger = make_ledger()
    make_flow(ledger.organization)
    person, maker = make_approver(ledger), make_accountant(ledger)
    for _ in range(ROUNDS):
        request = ask_for(make_entry(ledger, maker=maker))
        task = task_of(request, person)

        results = at_once(*[lambda: decide(task, APPROVE, actor=person)] * 2)  # noqa: B023

        assert (len(refusals(results)), verdicts(request)) == (1, 1)


def test_an_entry_is_approved_or_withdrawn_never_both() -> None:
    ledger = make_ledger()
    make_flow(ledger.organization)
    person, maker = make_approver(ledger), make_accountant(ledger)
    for _ in range(ROUNDS):
        request = ask_for(make_entry(ledger, maker=maker))
        task = task_of(request, person)

        results = at_once(
            lambda: decide(task, APPROVE, actor=person),  # noqa: B023
            lambda: withdraw_request(request, actor=maker),  # noqa: B023
        )

        assert len(refusals(results)) == 1
        approved = results[1] in refusals(results)
        expected = ("approved", "approved") if approved else ("withdrawn", "draft")
        assert (state_of(request), verdicts(request)) == (expected, int(approved))


def test_an_entry_is_approved_or_taken_back_for_an_edit_never_both() -> None:
    ledger = make_ledger()
    make_flow(ledger.organization)
    person, maker = make_approver(ledger), make_accountant(ledger)
    for _ in range(ROUNDS):
        entry = make_entry(ledger, maker=maker)
        request = ask_for(entry)
        task = task_of(request, person)
        copy = JournalEntry.objects.get(pk=entry.pk)

        results = at_once(
            lambda: decide(task, APPROVE, actor=person),  # noqa: B023
            lambda: withdraw_journal_entry(copy, version=copy.version, actor=maker),  # noqa: B023
        )

        assert len(refusals(results)) == 1
        approved = results[1] in refusals(results)
        expected = ("approved", "approved") if approved else ("open", "draft")
        assert (state_of(request), verdicts(request)) == (expected, int(approved))
