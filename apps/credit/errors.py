"""Why a check or a step at the breaker is refused."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError


class CounterpartyIsMissing(FinanceError):
    """A check is about somebody."""

    code = "counterparty_is_missing"
    sentence = _("Name the counterparty, in at most %(most)s characters.")


class AmountOutOfRange(FinanceError):
    """An amount is nothing that somebody could owe."""

    code = "credit_amount_out_of_range"
    sentence = _("The amount is more than zero and has at most 15 digits before the point.")


class BreakerReasonIsMissing(FinanceError):
    """A step at the breaker needs a reason."""

    code = "breaker_reason_is_missing"
    sentence = _("Say why; the reason is kept with the step.")


class BreakerIsForcedOpen(FinanceError):
    """It is forced open already."""

    code = "breaker_is_forced_open"
    http_status = 409
    sentence = _("The breaker is forced open already. Reset it to let checks through again.")
