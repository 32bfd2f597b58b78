"""The balance beside each line, oldest or newest first."""

from __future__ import annotations

from decimal import Decimal

from apps.statements.errors import RunningBalanceDisagrees

Balances = tuple[Decimal | None, Decimal | None]


class RunningBalance:
    """Proves balances while lines go by; where a line has none, nothing is proved."""

    def __init__(self, column: str = "") -> None:
        """Begin before the first line; `column` is where balances stand."""
        self._column = column
        self._is_whole = True
        self._first: tuple[Decimal, Decimal] | None = None
        self._last = (Decimal(0), Decimal(0))
        self._broken: tuple[int, Decimal, Decimal] | None = None
        self._is_newest_first = True

    def add(self, number: int, amount: Decimal, balance: Decimal | None) -> None:
        """Take the next line of the file."""
        if balance is None:
            self._is_whole = False
            return
        if self._first is None:
            self._first = amount, balance
        else:
            last_amount, last_balance = self._last
            if self._broken is None and last_balance + amount != balance:
                self._broken = number, last_balance + amount, balance
            if balance + last_amount != last_balance:
                self._is_newest_first = False
        self._last = amount, balance

    def balances(self) -> Balances:
        """Return opening and closing balance.

        Raises:
            RunningBalanceDisagrees: a balance follows from neither the line above nor below.
        """
        if self._first is None or not self._is_whole:
            return None, None
        if self._broken is None:
            return self._first[1] - self._first[0], self._last[1]
        if self._is_newest_first:
            return self._last[1] - self._last[0], self._first[1]
        number, expected, found = self._broken
        raise RunningBalanceDisagrees(
            line=number, column=self._column, expected=expected, found=found
        )
