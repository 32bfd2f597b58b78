"""Closing a period: the checklist, its openings and its state in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.operation import operation
from apps.ledgers.database_errors import refusals_in_words
from apps.ledgers.errors import PeriodCannotChange
from apps.ledgers.models import CloseRun, Period, PeriodState
from apps.ledgers.services.closing.checklist import CheckItem, checklist_of
from apps.ledgers.services.closing.entries import working_run
from apps.ledgers.services.closing.locks import hold_closing_steps, hold_gate_alone
from apps.ledgers.services.closing.progress import Tell, quietly
from apps.ledgers.services.periods import change_period

if TYPE_CHECKING:
    from apps.organizations.models import User


def close_period(period: Period, *, version: int, actor: User, tell: Tell = quietly) -> Period:
    """Close an open period: through closing to closed, or not at all.

    `tell` is called after each item of the checklist. PostgreSQL writes the opening balances
    of what follows when the state changes.

    Raises:
        PeriodCannotChange: a blocker of the checklist does not hold; it says which.
        StaleVersion: somebody changed the period after `version`.
    """
    with operation("period.close", actor=actor), refusals_in_words():
        hold_closing_steps(period)
        hold_gate_alone(period)
        items = checklist_of(period, tell=tell)
        _refuse_blockers(period, items)
        if period.state == PeriodState.OPEN:
            period = change_period(period, PeriodState.CLOSING, version=version, actor=actor)
            version = period.version
        period = change_period(period, PeriodState.CLOSED, version=version, actor=actor)
        run = working_run(period, actor=actor)
        CloseRun.objects.filter(pk=run.pk).update(
            state=CloseRun.State.CLOSED,
            checklist=[item.as_json() for item in items],
            closed_by=actor,
            closed_at=timezone.now(),
        )
        return period


def _refuse_blockers(period: Period, items: list[CheckItem]) -> None:
    found = [item for item in items if item.state == "blocker"]
    if found:
        reasons = "; ".join(_in_words(item) for item in found)
        raise PeriodCannotChange(period=str(period), reason=reasons)


def _in_words(item: CheckItem) -> str:
    words = {
        "unposted": _("entries wait to be posted or cancelled"),
        "previous": _("an earlier period is still open"),
        "gaps": _("voucher numbers have a gap"),
        "drift": _("balances differ from their lines"),
        "control": _("open items do not add up to their control accounts"),
        "revaluation": _("foreign balances are not at the closing rate"),
        "profit": _("profit and loss is not transferred"),
        "result": _("the profit of the year is not distributed"),
    }
    note = f" ({item.finding.note})" if item.key == "revaluation" and item.finding.note else ""
    return f"{words.get(item.key, item.title)}: {item.finding.count}{note}"
