"""Two people at once: one outcome, the other told who it was; nothing doubled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.approvals.models import ApprovalDecision, ApprovalRequest, DecisionBatch
from apps.approvals.services import batches
from apps.approvals.services.batch_running import run_batch
from apps.approvals.services.batches import begin_batch, undo_batch
from apps.approvals.services.deciding import decide
from apps.approvals.services.escalating import escalate_due
from apps.approvals.services.requests import withdraw_request
from apps.core.errors import FinanceError
from apps.ledgers.models import JournalEntry
from apps.ledgers.services.drafts import (
    create_draft,
    save_draft,
    submit_journal_entry,
    withdraw_journal_entry,
)
from tests.approvals.rounds import (
    APPROVE,
    REJECT,
    ask,
    ask_for,
    make_entry,
    make_flow,
    state_of,
    task_of,
)
from tests.factories import (
    make_account,
    make_accountant,
    make_approver,
    make_content,
    make_ledger,
)

if TYPE_CHECKING:
    from apps.ledgers.domain.entries import EntryInput
    from apps.organizations.models import User

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 200
FEWER = 50


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Return two threads that keep their connections from round to round."""
    with ThreadPoolExecutor(2) as pool:
        yield pool
        # Looked up there: each thread has a connection of its own.
        together(pool, *[lambda: connection.close()] * 2)  # noqa: PLW0108


def together(pool: ThreadPoolExecutor, *works: Callable[[], object]) -> list[object]:
    """Run works in a thread each, begun together; return results or refusals."""
    gate = Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        try:
            gate.wait()
            return work()
        except FinanceError as error:
            return error

    return list(pool.map(run, works))


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run works once as `together` does, in threads of their own."""

    def closing(work: Callable[[], object]) -> object:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return together(pool, *(partial(closing, work) for work in works))


def refusals(results: list[object]) -> list[FinanceError]:
    """Return what was refused."""
    return [one for one in results if isinstance(one, FinanceError)]


def verdicts(request: ApprovalRequest) -> int:
    """Return how many approvals a round has."""
    return ApprovalDecision.objects.filter(request=request, kind=APPROVE).count()


def told_who(results: list[object], *people: User) -> int:
    """Check that one was refused and told who was faster; return who won, as a place."""
    (refusal,) = refusals(results)
    winner = 1 - results.index(refusal)
    assert refusal.values["person"] == people[winner].display_name()
    return winner


class House:
    """A ledger whose entries take one approval, its maker and two approvers."""

    def __init__(self) -> None:
        """Make everything but the entries."""
        ledger = self.ledger = make_ledger()
        make_flow(ledger.organization)
        self.one, self.two = make_approver(ledger), make_approver(ledger)
        self.maker = make_accountant(ledger)
        self.accounts = make_account(ledger), make_account(ledger)

    def content(self, amount: str) -> EntryInput:
        """Return the content of an entry of an amount."""
        return make_content((self.accounts[0], amount), (self.accounts[1], f"-{amount}"))

    def rounds(self, count: int = ROUNDS) -> Iterator[tuple[ApprovalRequest, JournalEntry]]:
        """Yield rounds that have just begun, each with its entry."""
        for _ in range(count):
            entry = create_draft(self.ledger, self.content("100"), actor=self.maker)
            submit_journal_entry(entry, version=entry.version, actor=self.maker)
            yield ApprovalRequest.objects.get(subject_id=entry.pk), entry


def test_of_two_approvers_one_approves_and_the_other_is_told_who(
    pool: ThreadPoolExecutor,
) -> None:
    house = House()
    for request, _entry in house.rounds():
        one, two = (task_of(request, person) for person in (house.one, house.two))

        results = together(
            pool,
            partial(decide, one, APPROVE, actor=house.one),
            partial(decide, two, APPROVE, actor=house.two),
        )

        told_who(results, house.one, house.two)
        assert (verdicts(request), state_of(request)) == (1, ("approved", "approved"))


def test_of_an_approval_and_a_rejection_one_counts_and_the_other_is_told_who(
    pool: ThreadPoolExecutor,
) -> None:
    house = House()
    for request, _entry in house.rounds(FEWER):
        one, two = (task_of(request, person) for person in (house.one, house.two))

        results = together(
            pool,
            partial(decide, one, APPROVE, actor=house.one),
            partial(decide, two, REJECT, actor=house.two, reason="No"),
        )

        ends = ("approved", "approved"), ("rejected", "draft")
        assert state_of(request) == ends[told_who(results, house.one, house.two)]


def test_a_task_is_done_once_however_often_it_is_sent(pool: ThreadPoolExecutor) -> None:
    house = House()
    for request, _entry in house.rounds(FEWER):
        task = task_of(request, house.one)

        results = together(pool, *[partial(decide, task, APPROVE, actor=house.one)] * 2)

        told_who(results, house.one, house.one)
        assert verdicts(request) == 1


def test_an_entry_is_approved_or_withdrawn_never_both(pool: ThreadPoolExecutor) -> None:
    house = House()
    for request, _entry in house.rounds():
        results = together(
            pool,
            partial(decide, task_of(request, house.one), APPROVE, actor=house.one),
            partial(withdraw_request, request, actor=house.maker),
        )

        ends = ("approved", "approved"), ("withdrawn", "draft")
        winner = told_who(results, house.one, house.maker)
        assert (state_of(request), verdicts(request)) == (ends[winner], 1 - winner)


def test_an_entry_is_approved_as_it_was_or_edited_never_both(pool: ThreadPoolExecutor) -> None:
    house = House()
    for request, entry in house.rounds():

        def edit(entry: JournalEntry = entry) -> None:
            values: dict[str, Any] = {"actor": house.maker}
            withdraw_journal_entry(entry, version=entry.version, **values)
            save_draft(entry, house.content("7"), version=entry.version, **values)
            submit_journal_entry(entry, version=entry.version, **values)

        results = together(
            pool, partial(decide, task_of(request, house.one), APPROVE, actor=house.one), edit
        )

        ends = ("approved", "approved", "100"), ("withdrawn", "submitted", "7")
        winner = told_who(results, house.one, house.maker)
        total = f"{JournalEntry.objects.get(pk=entry.pk).total:.0f}"
        assert (*state_of(request), total, verdicts(request)) == (*ends[winner], 1 - winner)


def test_two_workers_escalate_a_task_once(pool: ThreadPoolExecutor) -> None:
    ledger = make_ledger()
    person, boss = make_approver(ledger), make_approver(ledger)
    make_flow(ledger.organization, ask(person, escalate_after=1, escalate_to=boss))
    maker, later = make_accountant(ledger), timezone.now() + timedelta(hours=2)
    for _ in range(FEWER):
        request = ask_for(make_entry(ledger, maker=maker))

        results = together(pool, *[lambda: escalate_due(later)] * 2)

        assert sorted(results) == [0, 1]  # type: ignore[type-var]
        assert request.decisions.filter(kind="escalate").count() == 1


def test_an_undo_and_the_worker_exclude_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "UNDO_SECONDS", -1)
    # In tests a worker is called within the request that calls it.
    monkeypatch.setattr(batches, "_ring", lambda _batch: None)
    ledger = make_ledger()
    person = make_approver(ledger)
    make_flow(ledger.organization, ask(person))
    seen = set()
    for _round in range(ROUNDS):
        request = ask_for(make_entry(ledger))
        batch = begin_batch([task_of(request, person)], APPROVE, actor=person)
        ran, undone = at_once(
            partial(run_batch, batch.pk), partial(undo_batch, batch, actor=person)
        )
        state = DecisionBatch.objects.get(pk=batch.pk).state
        is_done = ran is True
        assert (state, undone is None) == (("done", False) if is_done else ("undone", True))
        assert verdicts(request) == is_done
        seen.add(state)
    assert seen == {"done", "undone"}
