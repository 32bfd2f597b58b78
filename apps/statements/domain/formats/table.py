"""Tables by a mapping: every row is a line, a total or nothing.

What the table tells about itself is proved: the balance beside each line, gross − fee = net,
and the totals at its end. Rows go by one at a time. clients/fast_table.py does the same for
many rows at once, and leaves to this reader every row that is not written in the plainest way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import chain, islice

from apps.core.money import known_currencies
from apps.statements.domain.amounts import Days, decimal_sign, parse_amount
from apps.statements.domain.mapping import TableMapping, column_of
from apps.statements.domain.parts import Stream, is_same_account, other_account, whole
from apps.statements.domain.running_balance import RunningBalance
from apps.statements.domain.values import ReadLine, ReadStatement
from apps.statements.errors import (
    BadAmount,
    BadCurrency,
    ColumnMissing,
    FeesDisagree,
    NothingInStatement,
    TotalsDisagree,
)

Row = tuple[int, list[str]]
Get = Callable[[str], str]
AMOUNTS = ("amount", "money_in", "money_out", "gross", "fee", "balance")
# Characters that are kept of each text.
LIMITS = {"text": 1000, "counterparty": 200, "kind": 60, "counter_account": 64}
REFERENCES, REFERENCE_LIMIT = ("reference", "partner_reference", "batch"), 140
# Rows whose amounts show the decimal sign of a file.
SAMPLE = 500


def read_table(rows: Iterable[Row], mapping: TableMapping) -> list[ReadStatement]:
    """Return the one statement of a table whose rows are numbered as in the file.

    Raises:
        BrokenStatement: or one of its subclasses, each names the line.
    """
    return whole(stream_table(rows, mapping))


def stream_table(rows: Iterable[Row], mapping: TableMapping, account: str = "") -> Stream:
    """Yield the lines of a table, then its statement.

    Of a table of several accounts only the rows of `account` are lines.

    Raises:
        OtherAccount: none of its rows is of that account.
        BrokenStatement: or one of its subclasses, each names the line.
    """
    body = islice(_without_tail(iter(rows), mapping.skip_tail), mapping.skip_head, None)
    headings: list[str] = []
    if mapping.has_headings:
        headings = [cell.strip() for cell in next(body, (0, []))[1]]
    table = TableReader(mapping, places_of(mapping, headings), account)
    sample = list(islice(body, SAMPLE))
    table.find_sign(row for _number, row in sample)
    yield from _lines(table, chain(sample, body))


def places_of(mapping: TableMapping, headings: list[str]) -> dict[str, int]:
    """Return in which column, from 0, each field of a mapping is.

    Raises:
        ColumnMissing: there is none of that heading, or none for day or amount.
    """
    places: dict[str, int] = {}
    for name, column in mapping.columns.items():
        if not column:
            continue
        if column.startswith("#") and column[1:].isdecimal():
            places[name] = int(column[1:]) - 1
        elif column in headings:
            places[name] = headings.index(column)
        else:
            raise ColumnMissing(column=column)
    if "date" not in places or not places.keys() & {"amount", "money_in", "gross"}:
        raise ColumnMissing(column="date, amount")
    return places


def footer_words(mapping: TableMapping) -> tuple[str, ...]:
    """Return what rows of totals begin with, in small letters."""
    return tuple(w.strip().lower() for w in mapping.footer.split(",") if w.strip())


def _without_tail(rows: Iterator[Row], count: int) -> Iterator[Row]:
    """Yield all rows but the last ones."""
    waiting: deque[Row] = deque(islice(rows, count))
    for row in rows:
        waiting.append(row)
        yield waiting.popleft()


def _lines(table: TableReader, rows: Iterable[Row]) -> Stream:
    words = footer_words(table.mapping)
    running = RunningBalance(table.column("balance"))
    total = money_in = Decimal(0)
    first = last = None
    for number, row in rows:
        head = next((cell.strip() for cell in row if cell.strip()), "")
        if not head:
            continue
        if words and head.lower().startswith(words):
            table.check_totals(number, row, money_in, total)
            continue
        line, balance = table.line(number, row)
        total += line.amount
        money_in += max(line.amount, Decimal(0))
        if not table.is_own(row):
            continue
        first = min(first or line.booked_on, line.booked_on)
        last = max(last or line.booked_on, line.booked_on)
        running.add(number, line.amount, balance)
        yield line
    account, others = table.own_and_others(table.accounts)
    if first is None or last is None:
        raise NothingInStatement
    part = ReadStatement(first, last)
    part.account, part.others = account, others
    part.currency = only(table.currencies)
    part.currency_lines, part.currency_column = table.currencies, table.column("currency")
    if table.account or not others:
        part.opening, part.closing = running.balances()
    yield part


@dataclass(slots=True)
class TableReader:
    """Reads rows of one table; `sign` is the decimal sign of its amounts."""

    mapping: TableMapping
    places: dict[str, int]
    # Whose rows are lines; "" where all are.
    account: str = ""
    sign: str = "."
    days: Days = field(init=False)
    money_in: frozenset[str] = field(init=False)
    accounts: set[str] = field(default_factory=set)
    # Each with the first line that says it.
    currencies: dict[str, int] = field(default_factory=dict)
    _owns: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Prepare what each row needs."""
        self.days = Days(self.mapping.date_format)
        words = self.mapping.money_in_words.split(",")
        self.money_in = frozenset(word.strip().lower() for word in words)

    def column(self, name: str) -> str:
        """Return the heading or place that a field is read from, for people."""
        return self.mapping.columns.get(name, "")

    def is_own(self, row: list[str]) -> bool:
        """Say whether a row is of the account, or names none."""
        said = self._getter(row)("account") if self.account else ""
        if said not in self._owns:
            self._owns[said] = not said or is_same_account(said, self.account)
        return self._owns[said]

    def own_and_others(self, accounts: Iterable[str]) -> tuple[str, list[str]]:
        """Return the account of the lines, and the other ones of the table.

        Raises:
            OtherAccount: there are others alone.
        """
        found = sorted(accounts)
        if not found:
            return "", []
        if not self.account:
            return found[0], found[1:]
        others = [one for one in found if not is_same_account(one, self.account)]
        if others == found:
            raise other_account(found, self.account)
        return self.account, others

    def find_sign(self, rows: Iterable[list[str]]) -> None:
        """Find out the decimal sign, unless the mapping says it."""
        amounts = [self.places[name] for name in AMOUNTS if name in self.places]
        texts = (row[at] for row in rows for at in amounts if at < len(row))
        self.sign = self.mapping.decimal_sign or decimal_sign(texts)

    def line(self, number: int, row: list[str]) -> tuple[ReadLine, Decimal | None]:
        """Return the line of a row, and the balance beside it.

        Raises:
            BrokenStatement: or one of its subclasses, each names the line.
        """
        get = self._getter(row)
        gross = self._amount(get, "gross", number)
        fee = self._amount(get, "fee", number)
        amount = self._net(get, number, gross, fee)
        if get("account"):
            self.accounts.add(get("account"))
        if get("currency") and self.is_own(row):
            self.currencies.setdefault(get("currency"), number)
        balance = self._amount(get, "balance", number)
        texts = {name: get(name)[:limit] for name, limit in LIMITS.items()}
        texts |= {name: get(name)[:REFERENCE_LIMIT] for name in REFERENCES}
        value: date | None = None
        if get("value_date"):
            value = self.days.read(get("value_date"), number, self.column("value_date"))
        line = ReadLine(
            number,
            self.days.read(get("date"), number, self.column("date")),
            amount,
            value_on=value,
            gross_amount=gross,
            fee=fee,
            gross_currency=self._gross_currency(get, number),
            **texts,
        )
        return line, balance

    def check_totals(
        self, number: int, row: list[str], money_in: Decimal, total: Decimal
    ) -> None:
        """Compare a row of totals with the lines above it, in each column of amounts.

        Raises:
            TotalsDisagree, BadAmount: it says something else, or no amount.
        """
        get = self._getter(row)
        for name, found in (
            ("money_in", money_in),
            ("money_out", money_in - total),
            ("amount", total),
        ):
            is_signed = name != "amount" or "direction" not in self.places
            if name in self.places and get(name) and is_signed:
                told = parse_amount(get(name), number, self.sign, self.column(name))
                told = -told if name == "amount" and self.mapping.is_negated else told
                if abs(told) != abs(found):
                    raise TotalsDisagree(
                        what=self.mapping.columns[name], told=told, found=found
                    )

    def _net(
        self, get: Get, number: int, gross: Decimal | None, fee: Decimal | None
    ) -> Decimal:
        net = self._told(get, number)
        is_one_currency = get("gross_currency") in {"", get("currency")}
        if gross is None or not is_one_currency:
            if net is None:
                column = column_of(self.mapping.columns, "amount")
                raise BadAmount(line=number, column=column, text="")
            return net
        computed = gross - (fee or Decimal(0))
        if net is not None and net != computed:
            raise FeesDisagree(
                line=number, column=self.column("fee"), gross=gross, fee=fee, net=net
            )
        return computed

    def _told(self, get: Get, number: int) -> Decimal | None:
        if "money_in" in self.places and (get("money_in") or get("money_out")):
            money_in = self._amount(get, "money_in", number) or Decimal(0)
            money_out = self._amount(get, "money_out", number) or Decimal(0)
            return (money_in - abs(money_out)) or Decimal(0)
        amount = self._amount(get, "amount", number)
        if amount is None:
            return None
        if "direction" in self.places:
            is_in = get("direction").lower() in self.money_in
            return (amount if is_in else -amount) or Decimal(0)
        return (-amount if self.mapping.is_negated else amount) or Decimal(0)

    def _amount(self, get: Get, name: str, number: int) -> Decimal | None:
        text = get(name)
        return parse_amount(text, number, self.sign, self.column(name)) if text else None

    def _gross_currency(self, get: Get, number: int) -> str | None:
        text = get("gross_currency")
        if text and text not in known_currencies():
            column = self.column("gross_currency")
            raise BadCurrency(line=number, column=column, text=text[:60])
        return text or None

    def _getter(self, row: list[str]) -> Get:
        places = self.places

        def get(name: str) -> str:
            at = places.get(name, -1)
            return row[at].strip().strip("`\t ") if 0 <= at < len(row) else ""

        return get


def only(found: Iterable[str]) -> str:
    """Return the one value that all lines agree on, or all of them."""
    return ", ".join(sorted(found))
