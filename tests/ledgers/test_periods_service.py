"""Periods: one step at a time, closed only when nothing is left open behind or inside."""

from __future__ import annotations

import pytest

from apps.core.errors import StaleVersion
from apps.ledgers.errors import PeriodCannotChange, PeriodTakesNoEntries, ReasonIsMissing
from apps.ledgers.models import Ledger, Period, PeriodState
from apps.ledgers.services.closing.close import close_period
from apps.ledgers.services.drafts import cancel_journal_entry
from apps.ledgers.services.periods import change_period, create_fiscal_year
from apps.organizations.models import User
from tests.factories import (
    YEAR,
    make_account,
    make_draft,
    make_ledger,
    make_posted,
    make_senior,
    period_of,
)

pytestmark = pytest.mark.django_db


def close(ledger: Ledger, number: int, actor: User) -> Period:
    """Close a period at its present version."""
    period = period_of(ledger, number)
    return close_period(period, version=period.version, actor=actor)


def move(
    ledger: Ledger, number: int, state: PeriodState, actor: User, reason: str = ""
) -> Period:
    """Move a period at its present version."""
    period = period_of(ledger, number)
    return change_period(period, state, version=period.version, actor=actor, reason=reason)


def test_a_fiscal_year_has_twelve_months_without_a_gap_and_an_adjustment_period() -> None:
    ledger = make_ledger()

    periods = create_fiscal_year(ledger, 2028, actor=make_senior(ledger))

    assert [period.number for period in periods] == list(range(1, 14))
    days = sum((p.ends_on - p.starts_on).days + 1 for p in periods if not p.is_adjustment)
    assert days == 366
    assert periods[12].is_adjustment
    assert periods[12].starts_on == periods[11].ends_on


def test_an_open_period_closes_and_takes_nothing_any_more() -> None:
    ledger = make_ledger()

    period = close(ledger, 1, make_senior(ledger))

    assert period.state == PeriodState.CLOSED
    with pytest.raises(PeriodTakesNoEntries, match="2026-01"):
        make_draft(ledger, (make_account(ledger), "1.00"), (make_account(ledger), "-1.00"))


def test_a_draft_keeps_its_period_open_and_a_cancelled_one_does_not() -> None:
    ledger = make_ledger()
    draft = make_draft(ledger, (make_account(ledger), "1.00"), (make_account(ledger), "-1.00"))
    senior = make_senior(ledger)
    with pytest.raises(PeriodCannotChange, match="wait to be posted"):
        close(ledger, 1, senior)
    state_after_refusal = period_of(ledger, 1).state

    cancel_journal_entry(draft, version=draft.version, actor=draft.maker)

    assert state_after_refusal == PeriodState.OPEN
    assert close(ledger, 1, senior).state == PeriodState.CLOSED


def test_february_waits_for_january() -> None:
    ledger = make_ledger()

    with pytest.raises(PeriodCannotChange, match="earlier period"):
        close(ledger, 2, make_senior(ledger))


def test_a_closed_period_opens_only_with_an_approval() -> None:
    ledger = make_ledger()
    senior = make_senior(ledger)
    close(ledger, 1, senior)

    with pytest.raises(PeriodCannotChange, match="another person has to approve"):
        move(ledger, 1, PeriodState.OPEN, senior, "late invoice")
    with pytest.raises(ReasonIsMissing):
        move(ledger, 1, PeriodState.OPEN, senior, "  ")

    assert period_of(ledger, 1).state == PeriodState.CLOSED


def test_a_locked_period_never_opens() -> None:
    ledger = make_ledger()
    senior = make_senior(ledger)
    close(ledger, 1, senior)
    move(ledger, 1, PeriodState.LOCKED, senior)

    with pytest.raises(PeriodCannotChange, match="not the next step"):
        move(ledger, 1, PeriodState.OPEN, senior, "please")


@pytest.mark.parametrize("state", [PeriodState.CLOSED, PeriodState.LOCKED, PeriodState.FUTURE])
def test_an_open_period_skips_no_step(state: PeriodState) -> None:
    ledger = make_ledger()

    with pytest.raises(PeriodCannotChange):
        move(ledger, 1, state, make_senior(ledger))


def test_a_period_changes_at_the_version_that_was_seen() -> None:
    ledger = make_ledger()
    period = period_of(ledger, 4)
    senior = make_senior(ledger)
    change_period(period, PeriodState.OPEN, version=1, actor=senior)

    with pytest.raises(StaleVersion):
        change_period(period_of(ledger, 4), PeriodState.CLOSING, version=1, actor=senior)


def test_a_change_of_a_period_stands_in_its_history() -> None:
    ledger = make_ledger()
    senior = make_senior(ledger)

    period = close(ledger, 1, senior)

    newest = period.history.first()
    assert (newest.state, newest.history_user) == (PeriodState.CLOSED, senior)
    assert newest.history_change_reason == "closed"
    assert period.history.count() == period.version


def test_a_back_dated_entry_moves_the_open_month_although_a_later_one_has_postings() -> None:
    ledger = make_ledger()
    bank, sales = make_account(ledger), make_account(ledger)
    make_posted(ledger, (bank, "5.00"), (sales, "-5.00"), day=period_of(ledger, 3).starts_on)

    late = make_posted(
        ledger, (bank, "7.00"), (sales, "-7.00"), day=period_of(ledger, 2).starts_on
    )

    assert (late.period.fiscal_year, late.period.number, late.number) == (YEAR, 2, 1)
