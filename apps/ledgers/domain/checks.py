"""What must hold of an entry before it is submitted, each problem at its line and field.

PostgreSQL checks the same at posting; here it is said early, in words, for every line at
once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from apps.core.errors import FinanceError
from apps.core.money import has_scale_of, minor_digits
from apps.ledgers.domain.entries import EntryInput, LineInput
from apps.ledgers.errors import (
    AccountIsNotManual,
    AccountTakesNoPostings,
    AmountIsMissing,
    DimensionIsMissing,
    TooFewLines,
    TooManyDecimals,
    UnbalancedEntry,
    WrongCurrency,
)

MINIMUM_LINES = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at a line (counted from 1; 0 is the whole entry) and field."""

    position: int
    field: str
    error: FinanceError


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What posting must know of an account."""

    code: str
    takes_postings: bool
    allows_manual: bool
    only_currency: str | None
    required_dimensions: Mapping[int, str]


def problems_of(
    entry: EntryInput,
    *,
    accounts: Mapping[int, AccountFacts],
    dimension_types: Mapping[int | None, frozenset[int]],
    base_currency: str,
    is_manual: bool,
) -> list[Problem]:
    """Return everything that keeps the entry from being submitted; empty if nothing does.

    `dimension_types` maps a dimension set to the types of its values.
    """
    problems = [
        Problem(position, field, error)
        for position, line in enumerate(entry.lines, start=1)
        for field, error in _line_problems(
            line,
            accounts[line.account_id],
            dimension_types.get(line.dimension_set_id, frozenset()),
            is_manual=is_manual,
        )
    ]
    return problems + [
        Problem(0, "", error) for error in balance_problems(entry, base_currency)
    ]


def balance_problems(entry: EntryInput, base_currency: str) -> list[FinanceError]:
    """Return why the entry as a whole does not balance, exactly and with no tolerance."""
    if len(entry.lines) < MINIMUM_LINES:
        return [TooFewLines()]
    difference = entry.difference()
    if difference:
        return [UnbalancedEntry(currency=base_currency, difference=_plain(abs(difference)))]
    currencies = {line.currency for line in entry.lines}
    foreign = sum((line.amount for line in entry.lines), start=Decimal(0))
    if len(currencies) == 1 and foreign:
        return [UnbalancedEntry(currency=currencies.pop(), difference=_plain(abs(foreign)))]
    return []


def _line_problems(
    line: LineInput, account: AccountFacts, types: frozenset[int], *, is_manual: bool
) -> list[tuple[str, FinanceError]]:
    problems: list[tuple[str, FinanceError]] = []
    if not account.takes_postings:
        problems.append(("account", AccountTakesNoPostings(account=account.code)))
    if is_manual and not account.allows_manual:
        problems.append(("account", AccountIsNotManual(account=account.code)))
    if account.only_currency not in {None, line.currency}:
        wrong = WrongCurrency(account=account.code, currency=line.currency)
        problems.append(("account", wrong))
    missing = [name for pk, name in account.required_dimensions.items() if pk not in types]
    if missing:
        error = DimensionIsMissing(account=account.code, dimensions=", ".join(missing))
        problems.append(("dimensions", error))
    column = "debit" if line.side > 0 else "credit"
    if not line.amount and not line.base_amount:
        problems.append((column, AmountIsMissing()))
    if not has_scale_of(line.amount, line.currency):
        problems.append((column, _too_fine(line)))
    return problems


def _too_fine(line: LineInput) -> TooManyDecimals:
    digits = minor_digits(line.currency)
    return TooManyDecimals(amount=line.amount, currency=line.currency, digits=digits)


def _plain(amount: Decimal) -> str:
    text = format(amount.normalize(), "f")
    whole, _, part = text.partition(".")
    return f"{whole}.{part.ljust(2, '0')}"
