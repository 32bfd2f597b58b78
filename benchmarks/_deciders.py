"""Two workers that submit entries and decide, each also what the other submitted.

A worker draws an entry up, submits it, and then answers the oldest tasks that wait for its own
approver and senior accountant. A step asks the people of both workers and needs one of them,
so that they often go for the same step at once; who comes second is told, and changes nothing.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from django.db import connections

from apps.approvals.errors import ApprovedThisStepAlready, RequestIsClosed, TaskIsNotOpen
from apps.approvals.models import ApprovalRequest, ApprovalTask
from apps.approvals.services.deciding import decide
from apps.approvals.words import DecisionKind, TaskState
from apps.core.trace import trace
from apps.ledgers.services.drafts import create_draft, submit_journal_entry
from apps.ledgers.services.subject_kinds import ENTRY_KINDS
from benchmarks._books import make_entry
from benchmarks._rounds import House

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier

    from apps.organizations.models import User

# More than come in, so that no task is left waiting for long.
TASKS_AT_A_TIME = 4
_FORK = multiprocessing.get_context("fork")
_FASTER = (ApprovedThisStepAlready, RequestIsClosed, TaskIsNotOpen)


@dataclass(slots=True)
class Work:
    """What a worker did: keys of requests, each as often as it did it."""

    seconds: float = 0
    # Of the processor, spent by the worker itself while the time ran.
    cpu_seconds: float = 0
    submitted: list[int] = field(default_factory=list)
    approved: list[int] = field(default_factory=list)
    # How often somebody else was faster.
    beaten: int = 0


def ask(house: House, maker: User, rng: random.Random) -> ApprovalRequest:
    """Draw an entry up in the name of its maker, and submit it."""
    content = make_entry(house.books, rng, "").content
    entry = create_draft(house.books.ledger, content, actor=maker)
    submit_journal_entry(entry, version=entry.version, actor=maker)
    return ApprovalRequest.objects.get(subject_kind__in=ENTRY_KINDS, subject_id=entry.pk)


def work_at_once(house: House, *, workers: int, seconds: float) -> list[Work]:
    """Let workers submit and decide for some seconds, and decide what is left after that."""
    newest = ApprovalRequest.objects.order_by("-pk").values_list("pk", flat=True)[0]
    connections.close_all()
    barrier = _FORK.Barrier(workers)
    ends = []
    for number in range(workers):
        ours, theirs = _FORK.Pipe(duplex=False)
        worker = _Worker(house, number, newest, barrier)
        process = _FORK.Process(target=_run, args=(worker.run, seconds, theirs))
        process.start()
        theirs.close()
        ends.append((process, ours))
    done = [ours.recv() for _, ours in ends]
    for process, _ in ends:
        process.join()
    return done


def _run(run: Callable[[float], Work], seconds: float, answer: Connection) -> None:
    answer.send(run(seconds))
    connections.close_all()


class _Worker:
    """One process; its approver and senior accountant are nobody else's."""

    def __init__(self, house: House, number: int, newest: int, barrier: Barrier) -> None:
        self._house = house
        self._rng = random.Random(number)
        self._people = [house.approvers[1 + number], house.seniors[number]]
        self._newest = newest
        self._barrier = barrier
        self._work = Work()

    def run(self, seconds: float) -> Work:
        """Work until the time is over; then wait for the others, and decide the rest."""
        self._barrier.wait()
        started, started_cpu = time.monotonic(), time.process_time()
        while (passed := time.monotonic() - started) < seconds:
            with trace():
                maker = self._rng.choice(self._house.makers)
                self._work.submitted.append(ask(self._house, maker, self._rng).pk)
            self._decide()
        self._work.seconds = passed
        self._work.cpu_seconds = time.process_time() - started_cpu
        self._barrier.wait()
        while self._decide():
            pass
        return self._work

    def _decide(self) -> bool:
        """Answer the oldest tasks of both people; say whether there were any."""
        tasks = ApprovalTask.objects.filter(
            person__in=self._people, state=TaskState.OPEN, request__gt=self._newest
        )
        found = list(tasks.select_related("request").order_by("pk")[:TASKS_AT_A_TIME])
        for task in found:
            with trace():
                self._answer(task)
        return bool(found)

    def _answer(self, task: ApprovalTask) -> None:
        actor = next(one for one in self._people if one.pk == task.person_id)
        try:
            decide(task, DecisionKind.APPROVE, actor=actor)
        except _FASTER:
            self._work.beaten += 1
        else:
            self._work.approved.append(task.request_id)
