"""The steps of a close as jobs: started by a person, done by a worker."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.errors import FinanceError
from apps.core.formatting import format_amount
from apps.core.money import minor_digits
from apps.jobs.services.kinds import KINDS, JobKind, Outcome, Work
from apps.jobs.services.starting import start_job
from apps.ledgers.models import JournalEntry, OpeningBalance, Period, PeriodState
from apps.ledgers.services.closing.checklist import check_count
from apps.ledgers.services.closing.close import close_period
from apps.ledgers.services.closing.revaluation import foreign_balance_count, revalue_period
from apps.ledgers.services.closing.transfer import transfer_profit
from apps.ledgers.services.closing.year_end import YEAR_END_STEPS, run_year_end
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from apps.jobs.models import Job
    from apps.organizations.models import User

PREFIX = "period."


def start_closing_step(step: str, period: Period, *, actor: User) -> Job:
    """Queue a step of a close; while it runs, the same step is the same job.

    Raises:
        Forbidden: the actor may not manage periods.
        KeyError: there is no such step.
    """
    ledger = period.ledger
    return start_job(
        PREFIX + step,
        actor=actor,
        subject=f"{period} · {ledger.code}",
        exclusive_key=f"period:{period.pk}",
        parameters={"period": period.pk, "version": period.version},
        subject_url=reverse("ledgers:period_close", args=[ledger.code, period.pk]),
    )


def _period_of(job: Job) -> Period:
    rows = Period.objects.select_related("ledger__organization")
    return rows.get(pk=job.parameters["period"])


def _revalue(job: Job, work: Work) -> Outcome:
    period = _period_of(job)
    work.expect(foreign_balance_count(period) + 1)
    return _posted(job, revalue_period(period, actor=job.created_by, tell=work.advance))


def _transfer(job: Job, work: Work) -> Outcome:
    work.expect(1)
    return _posted(job, transfer_profit(_period_of(job), actor=job.created_by))


def _posted(job: Job, entry: JournalEntry | None) -> Outcome:
    if entry is None:
        return Outcome(job.subject_url)
    facts = {
        "entry": str(entry),
        "total": str(entry.total),
        "currency": entry.ledger.base_currency_id,
    }
    return Outcome(entry.get_absolute_url(), facts)


def _close(job: Job, work: Work) -> Outcome:
    period = _period_of(job)
    work.expect(check_count(period) + 1)
    try:
        closed = close_period(
            period, version=job.parameters["version"], actor=job.created_by, tell=work.advance
        )
    except FinanceError:
        closed = _period_of(job)
        # The worker before this one died after its commit: the period is closed as asked.
        if job.attempt == 1 or closed.state != PeriodState.CLOSED:
            raise
    return _closed(closed)


def _end_year(job: Job, work: Work) -> Outcome:
    work.expect(YEAR_END_STEPS)
    return _closed(run_year_end(_period_of(job), actor=job.created_by, tell=work.advance))


def _closed(period: Period) -> Outcome:
    url = reverse("ledgers:period_close", args=[period.ledger.code, period.pk])
    return Outcome(url, {"period": str(period), "openings": _opening_count(period)})


def _opening_count(period: Period) -> int:
    """Return how many opening balances the next period got."""
    later = period.ledger.periods.filter(starts_on__gt=period.ends_on, is_adjustment=False)
    following = later.order_by("starts_on").values("pk")[:1]
    return OpeningBalance.objects.filter(period=following).count()


def _says_entry(facts: dict[str, Any]) -> str:
    if "entry" not in facts:
        return _("Nothing was left to post.")
    currency = facts["currency"]
    amount = format_amount(Decimal(facts["total"]), minor_digits(currency))
    total = f"{amount} {currency}"
    return _("Posted %(entry)s over %(total)s.") % {"entry": facts["entry"], "total": total}


def _says_closed(facts: dict[str, Any]) -> str:
    return (
        _("Period %(period)s is closed; %(openings)s opening balances were handed on.") % facts
    )


def register() -> None:
    """Tell the jobs what kinds there are."""
    may = Permission.PERIOD_MANAGE
    KINDS.update({
        f"{PREFIX}revalue": JobKind(
            gettext_lazy("FX revaluation"), may, _revalue, _says_entry
        ),
        f"{PREFIX}transfer": JobKind(
            gettext_lazy("Profit transfer"), may, _transfer, _says_entry
        ),
        f"{PREFIX}close": JobKind(gettext_lazy("Close of a period"), may, _close, _says_closed),
        f"{PREFIX}year_end": JobKind(gettext_lazy("Year end"), may, _end_year, _says_closed),
    })  # fmt: skip
