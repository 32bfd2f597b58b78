"""Refusals of exchange rates."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError


class NoRate(FinanceError):
    """No confirmed rate of the pair is fresh enough; an older one is never taken instead."""

    code = "no_rate"
    sentence = _(
        "There is no %(rate_type)s rate of %(from_currency)s/%(to_currency)s within %(days)s "
        "days before %(on)s: enter or import one, then try again."
    )


class RateIsFixed(FinanceError):
    """A rate never changes."""

    code = "rate_is_fixed"
    http_status = 409
    sentence = _("A rate never changes, it may be in the books: enter a new revision instead.")


class RateIsDecided(FinanceError):
    """Somebody confirmed or rejected it already."""

    code = "rate_is_decided"
    http_status = 409
    sentence = _("This was confirmed or rejected already. Nothing was changed.")


class OwnRate(FinanceError):
    """A rate is confirmed by somebody else than who entered it."""

    code = "own_rate"
    http_status = 403
    sentence = _("You entered this yourself; another person has to confirm or reject it.")
