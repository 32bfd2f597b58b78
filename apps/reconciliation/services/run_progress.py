"""Who works on a run, how far it is, and whether somebody wants it to stop."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from apps.jobs.services.leases import Leases
from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.models import ReconciliationRun

if TYPE_CHECKING:
    from apps.organizations.models import User

State = ReconciliationRun.State
# Progress is written no more often than this.
_SECONDS_BETWEEN = 0.5


def _worker_of(run: ReconciliationRun) -> User:
    return run.created_by


def _claimed() -> dict[str, Any]:
    return {"state": State.LOADING, "started_at": timezone.now(), "progress": {}}


LEASES = Leases(
    ReconciliationRun,
    "reconciliation",
    ReconciliationRun.UNFINISHED,
    _worker_of,
    related=("created_by", "channel", "rule_version"),
    claimed=_claimed,
)


class RunCancelled(Exception):
    """Somebody asked to stop; nothing of the run was kept."""


@dataclass(slots=True)
class Progress:
    """Tells how far a run is, and notices the wish to stop it."""

    run: ReconciliationRun
    rows: int = 0
    done: int = 0
    # What partitions took, in milliseconds.
    spent: int = 0
    _stage: str = ""
    _began: int = field(default_factory=time.monotonic_ns)
    _told: int = 0

    def stage(self, name: str) -> None:
        """Begin a stage: prolongs the lease."""
        self._stage = name
        if ReconciliationRun.objects.filter(pk=self.run.pk, is_cancel_requested=True).exists():
            raise RunCancelled
        LEASES.renew(self.run, progress=self.facts())

    def matching(self, counts: dict[Side, int]) -> None:
        """Say how many rows there are, and that they are being matched now."""
        self.rows = sum(counts.values())
        LEASES.renew(
            self.run,
            state=State.MATCHING,
            book_count=counts[Side.BOOK],
            statement_count=counts[Side.STATEMENT],
            progress=self.facts(),
        )
        self.run.state = State.MATCHING

    def written(self, count: int) -> None:
        """Say that so many results were sent, where others can see it before the commit."""
        self.done += count
        now = time.monotonic_ns()
        if now - self._told > _SECONDS_BETWEEN * 1_000_000_000:
            self._told = now
            LEASES.tell(self.run, self.done)

    def facts(self) -> dict[str, Any]:
        """Return stage, rows, rows a second and milliseconds so far."""
        spent = self.spent + (time.monotonic_ns() - self._began) // 1_000_000
        return {
            "stage": self._stage,
            "rows": self.rows,
            "done": self.done,
            "milliseconds": spent,
            "rate": self.rows * 1_000 // max(spent, 1),
        }
