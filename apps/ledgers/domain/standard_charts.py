"""Standard charts of accounts that ship as files, read and checked.

A chart is a list of `ChartRow`, parents before children. The files and where they come
from are described in apps/ledgers/charts/README.md. All values are plain texts, as in the
file: `account_class` is asset, liability, common, equity, cost or profit_loss; `normal_side`
is debit or credit; `control` is receivable, payable, bank or empty.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

CHARTS_FOLDER = Path(__file__).parents[1] / "charts"
COLUMNS = (
    "code", "parent_code", "name_en", "name_zh", "account_class", "normal_side", "is_leaf",
    "control", "allows_manual", "revalue", "required_dimensions", "statement_section",
)  # fmt: skip
ALLOWED = {
    "account_class": {"asset", "liability", "common", "equity", "cost", "profit_loss"},
    "normal_side": {"debit", "credit"},
    "is_leaf": {"true", "false"},
    "control": {"", "receivable", "payable", "bank"},
    "allows_manual": {"true", "false"},
    "revalue": {"true", "false"},
    "statement_section": {"", "income", "expense"},
}


# 待处理财产损溢 and the like: nothing may stay there when a period closes.
SUSPENSE_CODES = frozenset({"190101", "190102", "2190"})


class StandardChart(StrEnum):
    """The charts that ship; the value is the name of the file."""

    CN_ENTERPRISE = "cn_enterprise"
    IFRS = "ifrs"


class InvalidChart(ValueError):
    """A chart file breaks one of its rules; the message names the account."""


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One account of a chart, as the file describes it."""

    code: str
    parent_code: str
    name_en: str
    name_zh: str
    account_class: str
    normal_side: str
    is_leaf: bool
    control: str
    allows_manual: bool
    revalue: bool
    required_dimensions: tuple[str, ...]
    statement_section: str


def read_standard_chart(name: StandardChart) -> list[ChartRow]:
    """Return the accounts of a chart that ships, parents before children.

    Raises:
        InvalidChart: the file breaks a rule of a chart.
    """
    path = CHARTS_FOLDER / f"{StandardChart(name).value}.csv"
    return parse_chart(path.read_text(encoding="utf-8").splitlines())


def parse_chart(lines: Iterable[str]) -> list[ChartRow]:
    """Read a chart from the lines of its CSV file, the header first, and check it.

    Raises:
        InvalidChart: the lines are not a chart.
    """
    reader = csv.DictReader(lines, strict=True)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        message = f"the columns must be {', '.join(COLUMNS)}"
        raise InvalidChart(message)
    rows = [_row(values) for values in reader]
    check_chart(rows)
    return rows


def check_chart(rows: Sequence[ChartRow]) -> None:
    """Check that codes are unique and that rows form a tree whose leaves take postings.

    Raises:
        InvalidChart: they do not.
    """
    parents = {row.parent_code for row in rows}
    known: dict[str, ChartRow] = {}
    for row in rows:
        for problem in (*_own_problems(row), *_tree_problems(row, known, parents)):
            message = f"account {row.code}: {problem}"
            raise InvalidChart(message)
        known[row.code] = row


def _row(values: dict[str, str]) -> ChartRow:
    """Make a row from the cells of a line, refusing a word that is not known."""
    if None in values or None in values.values():
        message = f"account {values['code']}: a line has {len(COLUMNS)} cells"
        raise InvalidChart(message)
    for column, allowed in ALLOWED.items():
        if values[column] not in allowed:
            message = f"account {values['code']}: {column} may not be “{values[column]}”"
            raise InvalidChart(message)
    return ChartRow(
        code=values["code"],
        parent_code=values["parent_code"],
        name_en=values["name_en"],
        name_zh=values["name_zh"],
        account_class=values["account_class"],
        normal_side=values["normal_side"],
        is_leaf=values["is_leaf"] == "true",
        control=values["control"],
        allows_manual=values["allows_manual"] == "true",
        revalue=values["revalue"] == "true",
        required_dimensions=tuple(filter(None, values["required_dimensions"].split("|"))),
        statement_section=values["statement_section"],
    )


def _own_problems(row: ChartRow) -> Iterator[str]:
    """Yield what is wrong with one row on its own."""
    if not (row.code.isascii() and row.code.isdigit()):
        yield "a code is made of digits"
    if not (row.name_en and row.name_zh):
        yield "both names are needed"
    if bool(row.statement_section) != (row.account_class == "profit_loss"):
        yield "profit and loss alone has a section"
    if row.required_dimensions and not row.control:
        yield "only control accounts require dimensions"


def _tree_problems(
    row: ChartRow, known: Mapping[str, ChartRow], parents: AbstractSet[str]
) -> Iterator[str]:
    """Yield what is wrong with the place of a row, given the rows above it."""
    if row.code in known:
        yield "the code is there twice"
    if row.is_leaf == (row.code in parents):
        yield "exactly the accounts without children are leaves"
    if not row.parent_code:
        return
    parent = known.get(row.parent_code)
    if parent is None:
        yield "its parent must stand above it"
    elif row.account_class != parent.account_class:
        yield "its class is its parent's"
    elif row.statement_section != parent.statement_section:
        yield "its section is its parent's"
