"""Rows of the entry form: texts as typed on one side, lines of the books on the other.

    typed row ("1002 Bank", "", "100.00", "") --read_lines--> LineInput(account 17, +100)
    LineInput --rows_of--> row

An amount stands in the debit or the credit column; a negative one is a red-letter line on
its own side. Amounts are in the base currency of the ledger.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import zip_longest
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.core.errors import FinanceError, InvalidInput
from apps.core.money import minor_digits, parse_amount
from apps.core.text import clean_text
from apps.ledgers.domain.entries import CREDIT, DEBIT, LineInput
from apps.ledgers.errors import AccountTakesNoPostings, AmountIsMissing, UnknownDimension
from apps.ledgers.forms.account_search import AccountSearch
from apps.ledgers.models import Account, DimensionSet, DimensionValue

if TYPE_CHECKING:
    from django.http import QueryDict

    from apps.ledgers.models import Ledger

LONGEST_SUMMARY = 200
COLUMNS = ("summary", "account", "dimensions", "debit", "credit")
_SEPARATORS = re.compile(r"[\s,，;；]+")


@dataclass
class Row:
    """One line of the form, all texts; `errors` maps a column to its message."""

    number: int = 0
    summary: str = ""
    account: str = ""
    dimensions: str = ""
    debit: str = ""
    credit: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    def is_blank(self) -> bool:
        """Say whether nothing was typed."""
        return not any(getattr(self, column).strip() for column in COLUMNS)


@dataclass(frozen=True, slots=True)
class TypedLine:
    """A row that was understood; its dimension values are not interned yet."""

    account_id: int
    side: int
    amount: Decimal
    summary: str
    values: tuple[DimensionValue, ...]


def rows_from_post(post: QueryDict) -> list[Row]:
    """Return the rows with something in them, numbered from 1."""
    columns = [post.getlist(f"line_{column}") for column in COLUMNS]
    rows = [
        Row(0, summary, account, dimensions, debit, credit)
        for summary, account, dimensions, debit, credit in zip_longest(*columns, fillvalue="")
    ]
    return numbered(row for row in rows if not row.is_blank())


def numbered(rows: Iterable[Row]) -> list[Row]:
    """Number rows from 1."""
    result = list(rows)
    for number, row in enumerate(result, start=1):
        row.number = number
    return result


def rows_of(lines: Sequence[LineInput], ledger: Ledger) -> list[Row]:
    """Return the rows that show stored lines."""
    accounts = Account.objects.in_bulk({line.account_id for line in lines})
    sets = DimensionSet.objects.in_bulk(
        {line.dimension_set_id for line in lines if line.dimension_set_id}
    )
    digits = minor_digits(ledger.base_currency_id)
    rows = []
    for line in lines:
        amount = _plain(line.base_amount * line.side, digits)
        label = sets[line.dimension_set_id].label if line.dimension_set_id else ""
        row = Row(0, line.summary, str(accounts[line.account_id]), label)
        setattr(row, "debit" if line.side == DEBIT else "credit", amount)
        rows.append(row)
    return numbered(rows)


def read_lines(rows: Sequence[Row], ledger: Ledger) -> list[TypedLine]:
    """Read all rows; what cannot be read is noted in `row.errors` and left out."""
    search = AccountSearch(ledger, [row.account for row in rows])
    values = _dimension_values(rows, ledger)
    lines = [_read(row, search, values, ledger.base_currency_id) for row in rows]
    return [line for line in lines if line is not None]


def _read(
    row: Row, search: AccountSearch, values: dict[str, DimensionValue], currency: str
) -> TypedLine | None:
    try:
        row.summary = clean_summary(row.summary)
    except FinanceError as error:
        row.errors["summary"] = str(error)
    account = _read_account(row, search)
    chosen = _read_dimensions(row, values)
    side, amount = _read_amount(row, currency)
    if row.errors or account is None:
        return None
    return TypedLine(account.pk, side, amount, row.summary, chosen)


def clean_summary(text: str) -> str:
    """Return a summary that can be stored.

    Raises:
        InvalidText, InvalidInput: it holds hidden characters, or is too long.
    """
    cleaned = clean_text(text, field="summary")
    if len(cleaned) > LONGEST_SUMMARY:
        raise InvalidInput(
            field="summary",
            field_name=_("Summary"),
            problem=_("at most %(limit)s characters") % {"limit": LONGEST_SUMMARY},
        )
    return cleaned


def _read_account(row: Row, search: AccountSearch) -> Account | None:
    try:
        account = search.find(row.account)
        if not (account.is_leaf and account.is_active):
            raise AccountTakesNoPostings(account=account.code)
    except FinanceError as error:
        row.errors["account"] = str(error)
        return None
    return account


def _read_dimensions(row: Row, values: dict[str, DimensionValue]) -> tuple[DimensionValue, ...]:
    chosen: list[DimensionValue] = []
    for code in _codes(row.dimensions):
        value = values.get(code)
        if value is None or value.type_id in {other.type_id for other in chosen}:
            row.errors["dimensions"] = str(UnknownDimension(text=code[:40]))
            return ()
        chosen.append(value)
    return tuple(chosen)


def _read_amount(row: Row, currency: str) -> tuple[int, Decimal]:
    """Return side and signed amount; errors go to the column that holds the text."""
    found: list[tuple[int, Decimal]] = []
    for column, side in (("debit", DEBIT), ("credit", CREDIT)):
        text = getattr(row, column).strip()
        try:
            amount = parse_amount(text, currency) if text else Decimal(0)
        except FinanceError as error:
            row.errors[column] = str(error)
            continue
        if amount:
            found.append((side, amount * side))
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        row.errors["credit"] = _("A line has an amount in debit or in credit, not in both.")
    elif not {"debit", "credit"} & set(row.errors):
        row.errors["debit"] = str(AmountIsMissing())
    return DEBIT, Decimal(0)


def _dimension_values(rows: Iterable[Row], ledger: Ledger) -> dict[str, DimensionValue]:
    codes = {code for row in rows for code in _codes(row.dimensions)}
    if not codes:
        return {}
    values = DimensionValue.objects.filter(
        organization=ledger.organization_id, is_active=True, code__in=codes
    )
    return {value.code: value for value in values}


def _codes(text: str) -> list[str]:
    return [code for code in _SEPARATORS.split(text.strip()) if code]


def _plain(amount: Decimal, digits: int) -> str:
    """Return the amount as a form field holds it: no separators, no lost decimals."""
    whole, _point, part = f"{amount:f}".partition(".")
    part = part.rstrip("0").ljust(digits, "0")
    return f"{whole}.{part}" if part else whole
