"""Fiscal years and the states of their periods.

    future → open → closing → closed → locked
               ↑______|  ↑_______|      only the last closed one opens again

PostgreSQL decides whether a period can take a step; closing and reopening have more to do
than the state (see services/closing/).
"""

from __future__ import annotations

import calendar
from datetime import date
from typing import TYPE_CHECKING

from apps.core.operation import operation
from apps.ledgers.database_errors import refusals_in_words
from apps.ledgers.errors import ReasonIsMissing
from apps.ledgers.models import Ledger, Period, PeriodState

if TYPE_CHECKING:
    from apps.organizations.models import User

MONTHS = 12
ADJUSTMENT_NUMBER = 13


def create_fiscal_year(ledger: Ledger, year: int, *, actor: User) -> list[Period]:
    """Make the twelve months of a calendar year and its adjustment period, all future."""
    months = [
        Period(
            ledger=ledger,
            fiscal_year=year,
            number=month,
            starts_on=date(year, month, 1),
            ends_on=date(year, month, calendar.monthrange(year, month)[1]),
        )
        for month in range(1, MONTHS + 1)
    ]
    last_day = date(year, MONTHS, 31)
    adjustment = Period(
        ledger=ledger,
        fiscal_year=year,
        number=ADJUSTMENT_NUMBER,
        starts_on=last_day,
        ends_on=last_day,
        is_adjustment=True,
    )
    with operation("fiscal_year.create", actor=actor):
        return Period.create_many_versioned([*months, adjustment], actor=actor)


def change_period(
    period: Period, state: PeriodState, *, version: int, actor: User, reason: str = ""
) -> Period:
    """Move a period to its next state; opening a closed one needs a reason.

    Raises:
        ReasonIsMissing: a closed period would open without one.
        PeriodCannotChange: the step does not exist or something is missing for it.
        StaleVersion: somebody changed the period after `version`.
    """
    if period.state == PeriodState.CLOSED and state == PeriodState.OPEN and not reason.strip():
        raise ReasonIsMissing(field="reason")
    with operation(f"period.{state}", actor=actor, reason=reason), refusals_in_words():
        return period.update_versioned(
            actor=actor, reason=reason or state, expected_version=version, state=state
        )
