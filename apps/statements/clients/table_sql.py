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
    from collections.abc import Collection, Iterable

    from apps.statements.domain.formats.table import TableReader

# What str.strip() strips.
_SPACE = "".join(char for char in map(chr, range(0x3001)) if char.isspace())
_TICKS = "`\t "
_EDGES = "".join(f"\\x{{{ord(char):x}}}" for char in _SPACE + "`")
# Longer numbers and finer amounts are left to Python, which refuses most of them: these are
# counted in 64 bits.
_MONEY = "DECIMAL(18, 4)"
_PLAIN = {
    ".": r"-?(\d{1,13}|\d{1,3}(,\d{3}){1,3})(\.\d{1,4})?",
    ",": r"-?(\d{1,13}|\d{1,3}(\.\d{3}){1,3})(,\d{1,4})?",
}
# A longer text may tell the time of day as well.
_DAY_LENGTH = 10
ODD, TOTALS = -1, -2


def has_edges(column: int) -> str:
    """Return whether there is something to strip from a cell; most show by order that not."""
    ends = (f"c{column}", f"c{column}[-1]")
    plain = " AND ".join(
        f"({end} BETWEEN '!' AND '_' OR {end} BETWEEN 'a' AND '~')" for end in ends
    )
    found = f"regexp_matches(c{column}, {quoted(f'^[{_EDGES}]|[{_EDGES}]$')})"
    return f"CASE WHEN {plain} THEN false ELSE {found} END"


def _trimmed(column: int) -> str:
    return f"trim(c{column}, {quoted(_SPACE)})"


class TableSql:
    """The rows of one table, whose reader knows mapping, places and decimal sign.

    To strip cells takes longer than to read them: it is done in columns that need it.
    """

    def __init__(
        self, reader: TableReader, width: int, digits: int, edged: Collection[int]
    ) -> None:
        """Take the width of the file, the decimals of the currency, and columns with edges."""
        self._mapping, self._places = reader.mapping, reader.places
        self._sign, self._words = reader.sign, sorted(reader.money_in)
        self._width, self._digits, self._edged = width, digits, frozenset(edged)

    def field(self, name: str) -> str:
        """Return the text of a field, as TableReader gets it."""
        at = self._places.get(name, -1)
        if not 0 <= at < self._width:
            return "''"
        return self._stripped(at, f"trim({_trimmed(at)}, {quoted(_TICKS)})")

    def day_key(self, name: str) -> str:
        """Return what of a field is the day, by which it is looked up."""
        text = self.field(name)
        if self._mapping.date_format:
            return text
        day = f"regexp_extract({text}, '^[^ T]*')"
        return f"CASE WHEN strlen({text}) > {_DAY_LENGTH} THEN {day} ELSE {text} END"

    def columns(self) -> set[str]:
        """Return the columns of `lines` that the table may tell something in."""
        return {_COLUMN_OF.get(name, name) for name in self._places}

    def select(self, rows: str, footers: tuple[str, ...], columns: Iterable[str]) -> str:
        """Return the SELECT of columns of `lines` for the rows of `raw` in a condition."""
        fields = {name: self.field(name) for name in self._names()}
        texts = ", ".join(f"{sql} AS f_{name}" for name, sql in fields.items())
        money = ", ".join(f"{self._value(name)} AS v_{name}" for name in _VALUES)
        values = self._values(footers)
        # A field that the table does not have is not looked up.
        value_day = "v.key = k_value_date" if "value_date" in self._places else "false"
        return f"""
            WITH cells AS (
              SELECT rowid AS ord, {self._head()} AS head, {texts},
                {self.day_key("date")} AS k_date, {self.day_key("value_date")} AS k_value_date
              FROM raw WHERE {rows}),
            amounts AS (SELECT *, {money} FROM cells WHERE head IS NOT NULL),
            told AS (SELECT *, {self._told()} AS told FROM amounts),
            nets AS (SELECT *, CASE WHEN v_gross IS NULL OR NOT {_ONE_CURRENCY} THEN told
                ELSE (v_gross - coalesce(v_fee, 0))::{_MONEY} END AS net FROM told)
            SELECT {", ".join(values[name] for name in columns)}
            FROM nets n LEFT JOIN days d ON d.key = k_date
              LEFT JOIN days v ON {value_day}
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

    def _values(self, footers: tuple[str, ...]) -> dict[str, str]:
        """Return what stands in each column of `lines`."""
        return {
            "ord": "n.ord",
            "part": f"CASE WHEN {self._is_total(footers)} THEN {TOTALS}"
            f" WHEN {self._is_odd()} THEN {ODD} ELSE 0 END",
            "line_no": "n.ord + 1",
            "booked_on": "d.day",
            "value_on": "v.day",
            "amount": "net",
            "fee": "v_fee",
            "gross_amount": "v_gross",
            "gross_currency": "nullif(f_gross_currency, '')",
            "balance": "v_balance",
        } | {
            name: f"left(f_{name}, {LIMITS.get(name, REFERENCE_LIMIT)})"
            for name in (*LIMITS, *REFERENCES)
        }

    def _head(self) -> str:
        """Return the first cell of a row that is not blank, NULL where all are."""
        cells = (
            f"nullif({self._stripped(column, _trimmed(column))}, '')"
            for column in range(self._width)
        )
        return f"coalesce({', '.join(cells)})"

    def _stripped(self, column: int, otherwise: str) -> str:
        """Return a cell without its edges, where there are any."""
        text = f"coalesce(c{column}, '')"
        if column not in self._edged:
            return text
        return f"CASE WHEN {has_edges(column)} THEN {otherwise} ELSE {text} END"

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
            f" THEN (coalesce(v_money_in, 0) - abs(coalesce(v_money_out, 0)))::{_MONEY}"
            f" ELSE {amount} END"
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


_VALUES = ("amount", "money_in", "money_out", "gross", "fee", "balance")
# Columns of `lines` that are not called as their field.
_COLUMN_OF = {"value_date": "value_on", "gross": "gross_amount"}
_ONE_CURRENCY = "(f_gross_currency = '' OR f_gross_currency = f_currency)"
