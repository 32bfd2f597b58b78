"""Which version a policy is compared with, and from when a new one usually counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from apps.policies.domain.facts import PolicyContent
from apps.policies.models import FinancePolicy
from apps.policies.words import PolicyState

_MORE_THAN_A_MONTH = timedelta(days=32)


@dataclass(frozen=True, slots=True)
class Compared:
    """A policy to compare with; `policy` is None for the built-in defaults."""

    policy: FinancePolicy | None
    content: PolicyContent


def compared_with(policy: FinancePolicy) -> Compared:
    """Return what a policy takes the place of.

    A proposal, or one that was rejected: the version in force on its first day. A confirmed
    one: the version that was in force the day before.
    """
    day = policy.effective_from
    if policy.state in {PolicyState.CONFIRMED, PolicyState.SUPERSEDED}:
        day -= timedelta(days=1)
    rows = FinancePolicy.objects.filter(organization=policy.organization)
    before = rows.in_force_on(day).exclude(pk=policy.pk).first()
    return Compared(before, before.content() if before is not None else PolicyContent())


def first_day_of_next_month(day: date) -> date:
    """Return the day on which a policy usually begins: with the next period."""
    return (day.replace(day=1) + _MORE_THAN_A_MONTH).replace(day=1)
