"""Why a balance is not stated by hand; each says what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError


class BalancesAreTold(FinanceError):
    """A balance would be stated by hand although files tell balances."""

    code = "statement_balances_are_told"
    http_status = 409
    sentence = _(
        "The statements of this channel tell balances, and these alone count. None is stated "
        "by hand."
    )


class BalanceIsSigned(FinanceError):
    """A stated balance is under a proof that is signed off."""

    code = "statement_balance_is_signed"
    http_status = 409
    sentence = _(
        "A proof that stands on this day is signed off. Have the sign-off withdrawn first; "
        "nothing was changed."
    )


class BalanceDayIsToCome(FinanceError):
    """A balance of a day that has not ended."""

    code = "statement_balance_day_is_to_come"
    sentence = _("This day is yet to come: a balance is stated at its end.")


class EvidenceIsMissing(FinanceError):
    """A balance is stated without anything that shows it."""

    code = "statement_evidence_is_missing"
    sentence = _("Attach what shows the balance, such as a screenshot or a letter.")


class StatedReasonIsMissing(FinanceError):
    """A balance is stated without saying why."""

    code = "statement_stated_reason_is_missing"
    sentence = _("Say where the balance was read, and why it is stated by hand.")
