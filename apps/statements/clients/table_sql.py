"""A mapping as SQL: what a plainly written row says, and which rows are odd.

Cells are columns c0, c1, … of the table `raw`, in the order of the file. What is written here
for many rows stands for one row in domain/formats/table.py; tests compare them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.core.money import known_currencies
from apps.statements.clients.line_store import quoted
from apps.statements.domain.formats.table import LIMITS, REFERENCE_LIMIT, REFERENCES

if TYPE_CHECKING:
    from apps.statements.domain.formats.table import TableReader

# What str.strip() strips.
_SPACE = "".join(char for char in map(chr, range(0x3001)) if char.isspace())
_TICKS = "`\t "
_EDGES = "".join(f"\\x{{{ord(char):x}}}" for char in _SPACE + "`")
_MONEY = "DECIMAL(20, 4)"
# Longer numbers and finer amounts are left to Python, which refuses most of them.
_PLAIN = {
    ".": r"-?(\d{1,13}|\d{1,3}(,\d{3}){1,4})(\.\d{1,4})?",
    ",": r"-?(\d{1,13}|\d{1,3}(\.\d{3}){1,4})(,\d{1,4})?",
}
ODD, TOTALS = -1, -2


def cell(column: int) -> str:
    """Return a cell as TableReader gets it."""
    return _stripped(column, f"trim({_trimmed(column)}, {quoted(_TICKS)})")


def first_cell(width: int) -> str:
    """Return the first cell of a row that is not blank, NULL where all are."""
    cells = (f"nullif({_stripped(column, _trimmed(column))}, '')" for column in range(width))
    ways = " ".join(f"WHEN {one} IS NOT NULL THEN {one}" for one in cells)
    return f"CASE {ways} END"


def _stripped(column: int, otherwise: str) -> str:
    """Return a cell as it is where nothing can be stripped, which is cheap to see."""
    plain = quoted(f"(?s)[^{_EDGES}](.*[^{_EDGES}])?")
    return (
        f"CASE WHEN regexp_full_match(c{column}, {plain}) THEN c{column}"
        f" WHEN coalesce(c{column}, '') = '' THEN '' ELSE {otherwise} END"
    )


def _trimmed(column: int) -> str:
    return f"trim(c{column}, {quoted(_SPACE)})"


class TableSql:
    """The rows of one table, whose reader knows mapping, places and decimal sign."""

    def __init__(self, reader: TableReader, width: int, digits: int) -> None:
        """Take how many columns the file has, and decimals the currency."""
        self._mapping, self._places = reader.mapping, reader.places
        self._sign, self._words = reader.sign, sorted(reader.money_in)
        self._width, self._digits = width, digits

    def field(self, name: str) -> str:
        """Return the text of a field."""
        at = self._places.get(name, -1)
        return cell(at) if 0 <= at < self._width else "''"

    def day_key(self, name: str) -> str:
        """Return what of a field is the day, by which it is looked up."""
        text = self.field(name)
        return text if self._mapping.date_format else f"regexp_extract({text}, '^[^ T]*')"

    def select(self, rows: str, footers: tuple[str, ...]) -> str:
        """Return the SELECT of all columns of `lines` for the rows of `raw` in a condition."""
        fields = {name: self.field(name) for name in self._names()}
        texts = ", ".join(f"{sql} AS f_{name}" for name, sql in fields.items())
        money = ", ".join(f"{self._value(name)} AS v_{name}" for name in _VALUES)
        return f"""
            WITH cells AS (
              SELECT rowid AS ord, {first_cell(self._width)} AS head, {texts},
                {self.day_key("date")} AS k_date, {self.day_key("value_date")} AS k_value_date
              FROM raw WHERE {rows}),
            amounts AS (SELECT *, {money} FROM cells WHERE head IS NOT NULL),
            told AS (SELECT *, {self._told()} AS told FROM amounts),
            nets AS (SELECT *, CASE WHEN v_gross IS NULL OR NOT {_ONE_CURRENCY} THEN told
                ELSE v_gross - coalesce(v_fee, 0) END AS net FROM told)
            SELECT n.ord, CASE WHEN {self._is_total(footers)} THEN {TOTALS}
                WHEN {self._is_odd()} THEN {ODD} ELSE 0 END AS part, n.ord + 1 AS line_no,
              d.day, v.day, net::{_MONEY}, {self._texts()}, v_fee, v_gross,
              nullif(f_gross_currency, ''), v_balance
            FROM nets n LEFT JOIN days d ON d.key = k_date
              LEFT JOIN days v ON v.key = k_value_date
            """  # noqa: S608

    def _names(self) -> set[str]:
        return {*_VALUES, *LIMITS, *REFERENCES, "direction", "currency", "gross_currency"}

    def _value(self, name: str) -> str:
        if name not in self._places:
            return f"NULL::{_MONEY}"
        text = f"f_{name}"
        point = f"replace({text}, ',', '')"
        if self._sign == ",":
            point = f"replace(replace({text}, '.', ''), ',', '.')"
        pattern = quoted(_PLAIN[self._sign])
        return f"CASE WHEN regexp_full_match({text}, {pattern}) THEN {point}::{_MONEY} END"

    def _told(self) -> str:
        amount = "v_amount"
        if "direction" in self._places:
            words = ", ".join(map(quoted, self._words))
            amount = (
                f"CASE WHEN lower(f_direction) IN ({words}) THEN v_amount ELSE -v_amount END"
            )
        elif self._mapping.is_negated:
            amount = "-v_amount"
        if "money_in" not in self._places:
            return amount
        return (
            "CASE WHEN f_money_in <> '' OR f_money_out <> ''"
            f" THEN coalesce(v_money_in, 0) - abs(coalesce(v_money_out, 0)) ELSE {amount} END"
        )

    def _is_total(self, footers: tuple[str, ...]) -> str:
        words = (f"starts_with(lower(head), {quoted(word)})" for word in footers)
        return " OR ".join(words) or "false"

    def _is_odd(self) -> str:
        unread = tuple(f"(v_{name} IS NULL AND f_{name} <> '')" for name in _VALUES)
        if "gross_currency" in self._places:
            codes = ", ".join(map(quoted, ("", *sorted(known_currencies()))))
            unread = (*unread, f"f_gross_currency NOT IN ({codes})")
        return " OR ".join(
            (
                *unread,
                "net IS NULL",
                "d.day IS NULL",
                "(v.day IS NULL AND k_value_date <> '')",
                f"round(net, {self._digits:d}) <> net",
                f"(v_gross IS NOT NULL AND {_ONE_CURRENCY} AND told <> net)",
            )
        )

    def _texts(self) -> str:
        order = ("reference", "partner_reference", "batch", "kind", "counterparty",
                 "counter_account", "text")  # fmt: skip
        return ", ".join(
            f"left(f_{name}, {LIMITS.get(name, REFERENCE_LIMIT)}) AS {name}" for name in order
        )


_VALUES = ("amount", "money_in", "money_out", "gross", "fee", "balance")
_ONE_CURRENCY = "(f_gross_currency = '' OR f_gross_currency = f_currency)"
