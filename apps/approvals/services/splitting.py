"""Splitting: what one person submits for one counterparty on one day counts together.

    30,000  alone                  counts as  30,000
    30,000  beside the first       counts as  60,000
    30,000  beside the two         counts as  90,000: the steps and limits of that amount

A subject that was withdrawn, rejected, changed or un-approved counts no more for what comes
after it; what came after it was asked at the higher amount and stays there. Subjects count
together when they share a counterparty and a currency; one that names no counterparty counts
alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Abs
from django.utils import timezone

from apps.approvals.models import ApprovalRequest
from apps.approvals.services.subjects import subject_service
from apps.approvals.words import RequestState

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.approvals.services.subjects import SubjectFacts

_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


@dataclass(frozen=True, slots=True)
class Part:
    """What a subject counts with: what else of the day, without sign; zero if nothing does."""

    submitted_on: date
    counterparties: tuple[str, ...] = ()
    amount_beside: Decimal = Decimal(0)


def part_of(kind: str, facts: SubjectFacts) -> Part:
    """Return what a subject that is submitted now counts with.

    Until the transaction ends nobody else counts for the same maker, counterparty and day, so
    that of two who submit at once the second sees the first.
    """
    day = timezone.localdate(timezone.now())
    find = subject_service(kind).counterparties
    named = tuple(sorted(one.key for one in find(facts.id))) if find else ()
    if not named:
        return Part(day)
    _wait_for_turn(f"{facts.maker.pk}:{day}:{key}" for key in named)
    others = _counted().filter(
        maker=facts.maker,
        submitted_on=day,
        currency=facts.currency_id,
        counterparties__overlap=list(named),
    )
    others = others.exclude(subject_kind=kind, subject_id=facts.id)
    return Part(day, named, others.aggregate(sum=Sum(Abs("amount")))["sum"] or Decimal(0))


def _counted() -> QuerySet[ApprovalRequest]:
    """Return the rounds that wait or stand; one that was taken back is undone."""
    states = (RequestState.OPEN, RequestState.APPROVED)
    return ApprovalRequest.objects.filter(state__in=states)


def _wait_for_turn(keys: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute(_ALONE, [f"approvals.split:{key}"])
