"""The statements of a file without their lines: what is known of them when all were read.

Readers yield lines and, behind them, the statement that they are of; so no reader holds more
lines than it needs, and a million of them go by one at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any

from apps.core.errors import FinanceError
from apps.statements.domain.mapping import column_of
from apps.statements.domain.values import ReadLine, ReadStatement
from apps.statements.errors import (
    AmountTooFine,
    BalancesDisagree,
    BrokenStatement,
    CurrencyOfLine,
    NothingInStatement,
    OtherAccount,
    OtherCurrency,
)

Stream = Iterator[ReadLine | ReadStatement]
# What fits numeric(20, 4); beyond it no bank counts.
LARGEST = Decimal(10) ** 15
DECIMALS = 4
# So many currencies are more than a file of one account has.
MIXED = 2
_NAMED = 5
_DAYS, _AMOUNTS = ("from_on", "to_on"), ("opening", "closing", "total", "money_in", "money_out")


@dataclass(slots=True)
class Part:
    """One statement: its days, balances, and sums of lines.

    `unfit` is its first bad line; from it on fields are for proving alone, and are not among
    the plain values.
    """

    from_on: date
    to_on: date
    account: str = ""
    currency: str = ""
    reference: str = ""
    opening: Decimal | None = None
    closing: Decimal | None = None
    count: int = 0
    total: Decimal = Decimal(0)
    money_in: Decimal = Decimal(0)
    money_out: Decimal = Decimal(0)
    unfit: FinanceError | None = None
    currency_lines: dict[str, int] = field(default_factory=dict)
    currency_column: str = ""
    others: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return plain values, exact."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        for name in ("unfit", "currency_lines", "currency_column", "others"):
            del values[name]
        return {
            name: value if value is None or isinstance(value, int) else str(value)
            for name, value in values.items()
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Part:
        """Return the part of plain values."""
        found = dict(values)
        found |= {name: date.fromisoformat(found[name]) for name in _DAYS}
        found |= {name: Decimal(found[name]) for name in _AMOUNTS if found[name] is not None}
        return cls(**found)


class Tally:
    """Counts and sums lines, and notes the first that does not fit the channel's currency."""

    def __init__(
        self, digits: int, currency: str, columns: Mapping[str, str] | None = None
    ) -> None:
        """Take how many decimals the currency has, and in which columns amounts stand."""
        self._digits, self._currency, self._columns = digits, currency, columns or {}
        self.clear()

    def clear(self) -> None:
        """Begin with the next statement."""
        self.count = 0
        self.total = self.money_in = Decimal(0)
        self.unfit: FinanceError | None = None

    def add(self, line: ReadLine) -> None:
        """Count a line."""
        self.count += 1
        self.total += line.amount
        if line.amount > 0:
            self.money_in += line.amount
        if self.unfit is None:
            self.unfit = unfit(line, self._digits, self._currency, self._columns)

    def part(self, told: ReadStatement) -> Part:
        """Return what was counted since the last one as the part that a reader told."""
        part = Part(
            told.from_on,
            told.to_on,
            told.account,
            told.currency,
            told.reference,
            told.opening,
            told.closing,
            self.count,
            self.total,
            self.money_in,
            self.total - self.money_in,
            self.unfit,
            told.currency_lines,
            told.currency_column,
            told.others,
        )
        self.clear()
        return part


def unfit(
    line: ReadLine, digits: int, currency: str, columns: Mapping[str, str]
) -> FinanceError | None:
    """Return why a line cannot be kept as it is, if it cannot."""
    for name, amount, decimals in (
        ("amount", line.amount, digits),
        ("fee", line.fee, DECIMALS),
        ("gross", line.gross_amount, DECIMALS),
    ):
        if amount is not None and (round(amount, decimals) != amount or abs(amount) >= LARGEST):
            column = column_of(columns, name, amount)
            return AmountTooFine(
                line=line.number, column=column, text=amount, currency=currency
            )
    if "\0" in line.text + line.reference + line.counterparty:
        return BrokenStatement(line=line.number, text=line.text[:60].replace("\0", "?"))
    return None


def stream_of(parts: Iterable[ReadStatement]) -> Stream:
    """Yield the lines of statements that were read whole, each before its statement."""
    for part in parts:
        yield from part.lines
        yield part


def whole(stream: Stream) -> list[ReadStatement]:
    """Return the statements of a stream with their lines; for small files and samples."""
    found: list[ReadStatement] = []
    lines: list[ReadLine] = []
    for one in stream:
        if isinstance(one, ReadLine):
            lines.append(one)
        else:
            one.lines, lines = lines, []
            found.append(one)
    return found


def of_account(expected: str, code: str, parts: list[Part]) -> tuple[str, list[int], list[str]]:
    """Return the account, the places of its parts, and which other accounts the file is of.

    Raises:
        OtherAccount: none of it is of the expected account; `code` names the channel.
    """
    found = list(dict.fromkeys(part.account for part in parts if part.account))
    also = [one for part in parts for one in part.others]
    if not expected:
        if len(found) + len(also) > 1:
            raise other_account([*found, *also], code)
        return (found[0] if found else ""), list(range(len(parts))), []
    own = [
        place
        for place, part in enumerate(parts)
        if not part.account or is_same_account(part.account, expected)
    ]
    if not own:
        raise other_account(found, expected)
    others = [one for one in found if not is_same_account(one, expected)]
    return expected, own, [*others, *also]


def other_account(found: Iterable[str], expected: str) -> OtherAccount:
    """Return the refusal of a file of these accounts; a thousand of them are not all named."""
    names = list(found)
    more = f" … ({len(names)})" if len(names) > _NAMED else ""
    return OtherAccount(found=", ".join(names[:_NAMED]) + more, expected=expected)


def check_parts(parts: list[Part], currency: str) -> None:
    """Prove what can be proved of an account's statements without what is there already.

    Raises:
        NothingInStatement, OtherCurrency, BrokenStatement: it cannot be taken as it is.
    """
    if not any(part.count or part.closing is not None for part in parts):
        raise NothingInStatement
    for part in parts:
        if (part.currency or currency) != currency:
            raise _other_currency(part, currency)
        if part.unfit is not None:
            raise part.unfit
        _prove(part)


def _other_currency(part: Part, currency: str) -> FinanceError:
    """Return where the first foreign line stands, or that the whole file is of another one."""
    foreign = {line: code for code, line in part.currency_lines.items() if code != currency}
    if len(part.currency_lines) < MIXED:
        return OtherCurrency(found=part.currency, expected=currency)
    line = min(foreign)
    return CurrencyOfLine(
        line=line, column=part.currency_column, found=foreign[line], expected=currency
    )


def is_same_account(one: str, other: str) -> bool:
    """Say whether two texts name one account: banks add spaces and their own number."""
    bare, wanted = _bare(one), _bare(other)
    return bare == wanted or _bare(one.rpartition("/")[2]) == wanted


def _bare(account: str) -> str:
    return "".join(filter(str.isalnum, account)).upper()


def _prove(part: Part) -> None:
    if part.opening is None or part.closing is None:
        return
    reached = part.opening + part.total
    if reached != part.closing:
        raise BalancesDisagree(
            reference=part.reference or "1",
            opening=part.opening,
            total=part.total,
            reached=reached,
            closing=part.closing,
        )
