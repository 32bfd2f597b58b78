"""Check the credit of a counterparty; every check is stored, none approves anything.

Call `check_credit` before a transaction begins, never inside one: it waits for an outside
service for up to the deadline, and what it stores has to stay whatever becomes of the caller.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from apps.core.money import has_scale_of, minor_digits
from apps.core.text import clean_text
from apps.core.trace import current_trace_id, trace
from apps.credit.clients.breakers import breakers
from apps.credit.clients.bureau import Bureau, BureauFailed
from apps.credit.domain.breaker import Refusal
from apps.credit.domain.checks import OLDEST, CreditResult, Outcome, Source, Standard
from apps.credit.errors import AmountOutOfRange, CounterpartyIsMissing
from apps.credit.models import LONGEST_NAME, BreakerTransition, CreditCheck
from apps.credit.services.breaker import breaker_name, record_change
from apps.credit.services.recording import recorded
from apps.credit.services.tally import count_check

if TYPE_CHECKING:
    from datetime import datetime

    from apps.organizations.models import Organization, User

_MOST_AMOUNT = Decimal(10) ** 15
_NANOSECONDS = 1_000_000
_REFUSALS = {
    Refusal.OPEN: Outcome.BREAKER_OPEN,
    Refusal.TOO_MANY_PROBES: Outcome.TOO_MANY_PROBES,
}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about whom, and in whose name."""

    organization: Organization
    counterparty: str
    amount: Decimal
    currency: str
    actor: User | None
    key: uuid.UUID


def check_credit(
    *,
    organization: Organization,
    counterparty: str,
    amount: Decimal,
    currency: str,
    actor: User | None = None,
) -> CreditResult:
    """Return the counterparty's score: live, or an older one with its age, or none.

    It ends within the deadline whatever the bureau does, and never raises because of it.

    Raises:
        CounterpartyIsMissing, InvalidText: the name is empty, too long, or hides something.
        AmountOutOfRange: the amount is not positive, or too large or too fine.
        UnknownCurrency: the code is none of ISO 4217.
    """
    question = _question(organization, counterparty, amount, currency, actor)
    with trace(current_trace_id() or None) as trace_id:
        started = time.monotonic_ns()
        outcome, score = _ask(question, trace_id)
        took = (time.monotonic_ns() - started) // _NANOSECONDS
        return _store(question, outcome, score, took)


def _question(
    organization: Organization,
    counterparty: str,
    amount: Decimal,
    currency: str,
    actor: User | None,
) -> Question:
    name = " ".join(clean_text(counterparty, field="counterparty").split())
    if not name or len(name) > LONGEST_NAME:
        raise CounterpartyIsMissing(field="counterparty", most=LONGEST_NAME)
    minor_digits(currency)
    is_amount = amount.is_finite() and 0 < amount < _MOST_AMOUNT
    if not is_amount or not has_scale_of(amount, currency):
        raise AmountOutOfRange(field="amount")
    return Question(organization, name, amount, currency, actor, uuid.uuid4())


def _ask(question: Question, trace_id: str) -> tuple[Outcome, int | None]:
    """Ask the bureau if the breaker lets the question through."""
    organization_id = question.organization.pk
    if not settings.CREDIT_BUREAU_URL:
        return Outcome.NOT_CONFIGURED, None
    if BreakerTransition.objects.force_in_effect(organization_id):
        return Outcome.FORCED_OPEN, None
    name = breaker_name(organization_id)
    ticket = breakers().admit(name)
    record_change(organization_id, ticket.change, is_shared=ticket.is_shared)
    if ticket.refusal is not None:
        return _REFUSALS[ticket.refusal], None
    outcome, score, is_good = _ask_bureau(question, trace_id)
    change = breakers().settle(name, ticket, is_good=is_good)
    record_change(organization_id, change, is_shared=ticket.is_shared)
    return outcome, score


def _ask_bureau(question: Question, trace_id: str) -> tuple[Outcome, int | None, bool]:
    """Return how it ended, the score, and whether the bureau did its part."""
    bureau = Bureau(
        settings.CREDIT_BUREAU_URL.rstrip("/"),
        settings.CREDIT_DEADLINE_MS,
        settings.CREDIT_BUREAU_TOKEN,
    )
    asked = {
        "counterparty": question.counterparty,
        "amount": f"{question.amount:f}",
        "currency": question.currency,
    }
    try:
        score = bureau.score_of(asked, key=str(question.key), trace_id=trace_id)
    except BureauFailed as failed:
        return failed.outcome, None, not failed.is_failure
    return Outcome.ANSWERED, score, True


def _store(
    question: Question, outcome: Outcome, score: int | None, duration_ms: int
) -> CreditResult:
    now = timezone.now()
    source, score, scored_at = _score_at_hand(question, score, now)
    standard = Standard(settings.CREDIT_GOOD_SCORE, settings.CREDIT_CACHED_LIMITS)
    is_good, needs_person = standard.judge(score, source, question.amount, question.currency)
    organization_id = question.organization.pk
    with recorded("credit.check", actor=question.actor, organization_id=organization_id):
        check = CreditCheck.objects.create(
            public_id=question.key,
            organization=question.organization,
            counterparty=question.counterparty,
            amount=question.amount,
            currency_id=question.currency,
            source=source,
            outcome=outcome,
            score=score,
            is_good=is_good,
            needs_person=needs_person,
            scored_at=scored_at,
            duration_ms=duration_ms,
            trace_id=current_trace_id(),
            requested_by=question.actor,
            at=now,
        )
    count_check(check)
    return CreditResult(score, is_good, check.age, source, needs_person, outcome, check.pk)


def _score_at_hand(
    question: Question, score: int | None, now: datetime
) -> tuple[Source, int | None, datetime | None]:
    """Return the live score, else the newest one of less than a day, else none."""
    if score is not None:
        return Source.LIVE, score, now
    known = CreditCheck.objects.latest_score(
        question.organization.pk, question.counterparty, since=now - OLDEST
    )
    if known is None:
        return Source.NONE, None, None
    return Source.CACHED, known.score, known.scored_at
