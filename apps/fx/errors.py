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


_PROBLEMS = {
    "headings": _("the headings are not Date and currencies"),
    "currency": _("this is not a currency code of ISO 4217"),
    "cell_count": _("it has not as many cells as there are headings"),
    "cut_off": _("the file ends in the middle of this line"),
    "date": _("this is not a date such as 2026-01-31"),
    "repeated_day": _("this day came before"),
    "future_day": _("this day has not come yet"),
    "figure": _("this is neither a positive rate nor N/A"),
    "no_days": _("there are no rates"),
    "xml": _("this is not well-formed XML of rates"),
}


class BrokenRates(FinanceError):
    """A file of published rates is refused whole."""

    code = "broken_rates"
    sentence = _("Line %(line)s: %(reason)s: “%(text)s”. Nothing was imported.")

    def __init__(self, *, line: int | str, text: str, problem: str) -> None:
        """Keep the place, the text there (its beginning) and what is wrong with it."""
        super().__init__(field="file", line=line, text=text[:40], problem=problem)

    def __str__(self) -> str:
        """Return the sentence in the active language."""
        reason = _PROBLEMS[str(self.values["problem"])]
        return str(self.sentence) % (self.values | {"reason": reason})


class UnreadableRates(FinanceError):
    """The bytes are no CSV, no ZIP with one CSV in it, and no XML."""

    code = "unreadable_rates"
    sentence = _(
        "The file is neither a CSV, nor a ZIP that holds one CSV, nor an XML of rates."
    )


class RatesTooLarge(FinanceError):
    """More bytes than a file of published rates has."""

    code = "rates_too_large"
    http_status = 413
    sentence = _("The file holds more than %(limit)s MB, packed or unpacked. Nothing was read.")


class CannotFetch(FinanceError):
    """The published rates did not arrive."""

    code = "cannot_fetch"
    http_status = 422
    sentence = _("The published rates could not be fetched: %(reason)s")
