"""Rows of the entry form: texts as typed on one side, lines of the books on the other.

    typed row ("1002 Bank", "", "100.00", "") --read_lines--> LineInput(account 17, +100)
    LineInput --rows_of--> row

An amount stands in the debit or the credit column; a negative one is a red-letter line on
its own side. Amounts are in the row's currency, which is the ledger's own where the cell is
blank; a blank rate is looked up for the entry's day, a written one is manual.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.core.errors import FinanceError, InvalidInput
from apps.core.text import clean_text
from apps.ledgers.domain.entries import LineInput
from apps.ledgers.errors import AccountTakesNoPostings, UnknownDimension
from apps.ledgers.forms.account_search import AccountSearch
from apps.ledgers.forms.entry_money import TypedMoney, read_money, show_money
from apps.ledgers.models import Account, DimensionSet, DimensionValue

if TYPE_CHECKING:
    from django.http import QueryDict

    from apps.ledgers.models import Ledger

LONGEST_SUMMARY = 200
COLUMNS = ("summary", "account", "dimensions", "currency", "rate", "debit", "credit")
_SEPARATORS = re.compile(r"[\s,，;；]+")


@dataclass
class Row:
    """One line of the form, all texts; `errors` maps a column to its message."""

    number: int = 0
    summary: str = ""
    account: str = ""
    dimensions: str = ""
    currency: str = ""
    rate: str = ""
    debit: str = ""
    credit: str = ""
    # What the amount is in base currency, and by which rate; for foreign rows alone.
    note: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    def is_blank(self) -> bool:
        """Say whether nothing was typed."""
        return not any(getattr(self, column).strip() for column in COLUMNS)


@dataclass(frozen=True, slots=True)
class TypedLine:
    """A row that was understood; its dimension values are not interned yet."""

    row: Row
    account_id: int
    money: TypedMoney
    summary: str
    values: tuple[DimensionValue, ...]


def rows_from_post(post: QueryDict) -> list[Row]:
    """Return the rows with something in them, numbered from 1."""
    return numbered(row for row in _shown_rows(post) if not row.is_blank())


def row_at(rows: Sequence[Row], post: QueryDict, number: str) -> Row | None:
    """Return the row that the page shows under a number, where blank ones count too."""
    shown = _shown_rows(post)
    if not (number.isascii() and number.isdigit() and 0 < int(number[:6]) <= len(shown)):
        return None
    place = int(number[:6]) - 1
    if shown[place].is_blank():
        return None
    return rows[sum(not row.is_blank() for row in shown[:place])]


def _shown_rows(post: QueryDict) -> list[Row]:
    columns = [post.getlist(f"line_{column}") for column in COLUMNS]
    return [_row_of(cells) for cells in zip_longest(*columns, fillvalue="")]


def _row_of(cells: Sequence[str]) -> Row:
    row = Row()
    for column, text in zip(COLUMNS, cells, strict=True):
        setattr(row, column, text)
    return row


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
    rows = []
    for line in lines:
        label = sets[line.dimension_set_id].label if line.dimension_set_id else ""
        row = Row(0, line.summary, str(accounts[line.account_id]), label)
        show_money(row, line, ledger)
        rows.append(row)
    return numbered(rows)


def read_lines(rows: Sequence[Row], ledger: Ledger) -> list[TypedLine]:
    """Read all rows; what cannot be read is noted in `row.errors` and left out."""
    search = AccountSearch(ledger, [row.account for row in rows])
    values = _dimension_values(rows, ledger)
    lines = [_read(row, search, values, ledger.base_currency_id) for row in rows]
    return [line for line in lines if line is not None]


def _read(
    row: Row, search: AccountSearch, values: dict[str, DimensionValue], base_currency: str
) -> TypedLine | None:
    try:
        row.summary = clean_summary(row.summary)
    except FinanceError as error:
        row.errors["summary"] = str(error)
    account = _read_account(row, search)
    chosen = _read_dimensions(row, values)
    money = read_money(row, base_currency, account.currency_id if account else None)
    if row.errors or account is None or money is None:
        return None
    return TypedLine(row, account.pk, money, row.summary, chosen)


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
