"""Why a step of a close is refused."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError


class ClosingAccountIsMissing(FinanceError):
    """The ledger does not say where a closing entry goes."""

    code = "closing_account_is_missing"
    sentence = _(
        "This ledger does not say which account is its “%(account)s”. Choose one in the "
        "closing settings, then try again."
    )


class PeriodTakesNoClosingEntries(FinanceError):
    """Closing entries go into a period that is open or closing."""

    code = "period_takes_no_closing_entries"
    http_status = 409
    sentence = _("Period %(period)s is not open, so no closing entry can be posted into it.")


class NextPeriodIsNotOpen(FinanceError):
    """An automatic reversal is dated on the first day of the next period."""

    code = "next_period_is_not_open"
    http_status = 409
    sentence = _(
        "Revaluations of this ledger are reversed on the first day of the next period. "
        "Open the period after %(period)s first."
    )


class NotTheLastPeriod(FinanceError):
    """A year ends with its last month, or with its adjustment period."""

    code = "not_the_last_period"
    sentence = _("%(period)s is not the end of a fiscal year.")


class NotWaiting(FinanceError):
    """A request was decided before, or a period has one already."""

    code = "not_waiting"
    http_status = 409
    sentence = _("This request is %(state)s already. Nothing was changed.")


class OwnRequest(FinanceError):
    """Who asks does not decide."""

    code = "own_request"
    http_status = 403
    sentence = _("You asked for this yourself, so somebody else has to decide.")


class NotClosed(FinanceError):
    """Only a closed period can be opened again; a locked one never."""

    code = "not_closed"
    http_status = 409
    sentence = _("Period %(period)s is %(state)s; only a closed period can be opened again.")


class ReopeningIsAsked(FinanceError):
    """A request waits already."""

    code = "reopening_is_asked"
    http_status = 409
    sentence = _("Somebody has asked to reopen %(period)s already; the request waits.")
