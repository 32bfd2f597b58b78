"""From an amount in any currency to the base amount of a line, and where its rate is from.

    USD 100.00 on a day → spot rate 7.1234 of the day → CNY 712.34, with type, source, day

A rate comes from `apps.fx` by the entry's date, or is written by hand and then says so. It is
rounded once, by the mode of the policy of that day.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.rounding import RoundingMode, convert_amount
from apps.fx.models import RateType
from apps.fx.services.lookup import find_rate
from apps.ledgers.item_errors import RateIsInvalid
from apps.policies.services.current import policy_on

if TYPE_CHECKING:
    from apps.fx.services.lookup import RateUsed
    from apps.ledgers.domain.entries import LineInput
    from apps.ledgers.models import Ledger

MANUAL = "manual"
_RATE = re.compile(r"(?P<rate>\d{1,10}(?:\.\d{1,10})?)(?P<per>/100)?", re.ASCII)
_LONGEST_SOURCE = 40


@dataclass(frozen=True, slots=True)
class LineRate:
    """What a line keeps of its rate; `rate` is for `per` units of the line's currency."""

    rate: Decimal
    per: int = 1
    rate_type: str = ""
    source: str = ""
    valid_on: date | None = None
    rate_ids: tuple[int, ...] = ()

    def fields(self) -> dict[str, object]:
        """Return it as `LineInput` and `JournalLine` name it."""
        return {
            "rate": self.rate,
            "rate_per": self.per,
            "rate_type": self.rate_type,
            "rate_source": self.source,
            "rate_on": self.valid_on,
            "rate_ids": self.rate_ids,
        }


def rounding_mode(ledger: Ledger, day: date) -> RoundingMode:
    """Return how conversions of the ledger's organization are rounded on a day."""
    return RoundingMode(policy_on(ledger.organization_id, day).rounding_mode)


def rate_on(ledger: Ledger, currency: str, day: date) -> LineRate:
    """Return the rate of a currency to the ledger's own on a day.

    Raises:
        NoRate: there is none that is fresh enough.
    """
    return line_rate(find_rate(ledger.organization, currency, ledger.base_currency_id, on=day))


def line_rate(found: RateUsed) -> LineRate:
    """Return a rate as a line keeps it; one over a pivot names its path as its source."""
    source = found.source
    if len(found.path) > 2:  # noqa: PLR2004  (a pair has two ends; more is a pivot)
        source = f"{source} {'→'.join(found.path)}"
    return LineRate(
        rate=found.rate,
        per=found.per,
        rate_type=found.rate_type,
        source=source[:_LONGEST_SOURCE],
        valid_on=found.valid_from,
        rate_ids=tuple(found.rate_ids),
    )


def base_amount(ledger: Ledger, amount: Decimal, rate: LineRate, day: date) -> Decimal:
    """Return `amount × rate ÷ per` in the ledger's currency, rounded once."""
    return convert_amount(
        amount,
        rate=rate.rate,
        per=rate.per,
        currency=ledger.base_currency_id,
        mode=rounding_mode(ledger, day),
    )


def rerated(line: LineInput, ledger: Ledger, day: date) -> LineInput:
    """Return a line at the rate of another day; one written by hand stays as it is.

    Raises:
        NoRate: there is none that is fresh enough.
    """
    is_fixed = line.rate_type == MANUAL or not line.amount
    if line.currency == ledger.base_currency_id or is_fixed:
        return line
    rate = rate_on(ledger, line.currency, day)
    worth = base_amount(ledger, line.amount, rate, day)
    return replace(at_rate(line, rate), base_amount=worth)


def at_rate(line: LineInput, rate: LineRate) -> LineInput:
    """Return a line that keeps a rate; its amounts stay as they are."""
    return replace(
        line,
        rate=rate.rate,
        rate_per=rate.per,
        rate_type=rate.rate_type,
        rate_source=rate.source,
        rate_on=rate.valid_on,
        rate_ids=rate.rate_ids,
    )


def rate_of_line(line: LineInput) -> LineRate:
    """Return what a line keeps of its rate."""
    return LineRate(
        line.rate,
        line.rate_per,
        line.rate_type,
        line.rate_source,
        line.rate_on,
        line.rate_ids,
    )


def written_rate(text: str) -> LineRate:
    """Read a rate that a person or a file wrote: 7.1234, or 4.8012/100 for a hundred units.

    Raises:
        RateIsInvalid: it is none.
    """
    match = _RATE.fullmatch(text.strip())
    if match is None or not Decimal(match["rate"]):
        raise RateIsInvalid(text=text[:40])
    return LineRate(Decimal(match["rate"]), 100 if match["per"] else 1, MANUAL)


def converter_for(ledger: Ledger) -> Callable[[Decimal, str, date, str], dict[str, object]]:
    """Return what converts the amounts of a file; each rate of a day is looked up once."""
    found: dict[tuple[str, date], LineRate] = {}

    def convert(amount: Decimal, currency: str, day: date, text: str) -> dict[str, object]:
        if text:
            rate = written_rate(text)
        else:
            rate = found.get((currency, day)) or rate_on(ledger, currency, day)
            found[currency, day] = rate
        return rate.fields() | {"base_amount": base_amount(ledger, amount, rate, day)}

    return convert


def rate_text(rate: Decimal, per: int) -> str:
    """Return a rate as people write it: 7.1234, or 4.8012/100."""
    text = f"{rate:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if per == 1 else f"{text}/{per}"


def rate_in_words(rate: LineRate, day: date) -> str:
    """Return rate, type, source and age of what a line of a day uses, in one line."""
    parts = [rate_text(rate.rate, rate.per)]
    if rate.rate_type == MANUAL:
        parts.append(_("manual"))
    elif rate.rate_type:
        parts.append(str(RateType(rate.rate_type).label))
    if rate.source:
        parts.append(_("manual") if rate.source == MANUAL else rate.source)
    if rate.valid_on is not None:
        parts.append(f"{rate.valid_on.isoformat()}{_age((day - rate.valid_on).days)}")
    return " · ".join(parts)


def _age(days: int) -> str:
    if days <= 0:
        return ""
    text = ngettext("%(days)s day old", "%(days)s days old", days) % {"days": days}
    return f" ({text})"
