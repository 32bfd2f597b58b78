"""What kinds of jobs there are; apps above add theirs to `KINDS` when they start.

A kind is a plain function: it gets the job and a `Work` to tell how far it is, and returns
what it came to. It is safe to run twice: a worker that dies is replaced by another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from apps.jobs.models import Job


class Work(Protocol):
    """What the function of a kind may do with its job."""

    def expect(self, total: int) -> None:
        """Say how many steps or rows there are."""

    def advance(self, count: int = 1) -> None:
        """Say that so many more are done; ends the work here if somebody cancelled it."""

    def hold(self) -> None:
        """Keep every other worker off for the length of the running transaction."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job came to: the page to look at, and values for `JobKind.says`."""

    url: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind: its name for people, who may start and stop it, what does the work."""

    label: str | Promise
    permission: Permission
    run: Callable[[Job, Work], Outcome]
    # The result in one sentence of the reader's language.
    says: Callable[[dict[str, Any]], str] = lambda _facts: ""
    view_permission: Permission = Permission.LEDGER_VIEW


KINDS: dict[str, JobKind] = {}


def kind_of(job: Job) -> JobKind:
    """Return the kind of a job; one that no app knows any more can still be looked at."""
    return KINDS.get(job.kind) or JobKind(job.kind, Permission.PERIOD_MANAGE, _cannot_run)


def _cannot_run(job: Job, _work: Work) -> Outcome:
    raise LookupError(job.kind)
