"""The balance beside each line, proved for all lines at once; see domain/running_balance.py."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from apps.statements.errors import RunningBalanceDisagrees

if TYPE_CHECKING:
    import duckdb

    from apps.statements.domain.running_balance import Balances

_CENT = Decimal("0.01")
_BESIDE = """
WITH beside AS (SELECT ord, line_no, amount, balance, lag(balance) OVER w AS balance_before,
    lag(amount) OVER w AS amount_before FROM lines WINDOW w AS (ORDER BY ord))
"""


def balances_of(duck: duckdb.DuckDBPyConnection, column: str = "") -> Balances:
    """Return opening and closing balance of a table; none where a line has no balance.

    `column` is where they stand.

    Raises:
        RunningBalanceDisagrees: a balance follows from neither the line above nor below.
    """
    if duck.execute("SELECT 1 FROM lines WHERE balance IS NULL LIMIT 1").fetchone():
        return None, None
    ends: Any = duck.execute(
        "SELECT arg_min(balance, ord), arg_min(amount, ord), arg_max(balance, ord),"
        " arg_max(amount, ord) FROM lines"
    ).fetchone()
    first_balance, first_amount, last_balance, last_amount = ends
    broken = duck.execute(
        f"{_BESIDE} SELECT line_no, balance_before + amount, balance FROM beside"  # noqa: S608
        " WHERE balance_before + amount <> balance ORDER BY ord LIMIT 1"
    ).fetchone()
    if broken is None:
        return first_balance - first_amount, last_balance
    is_newest_first = not duck.execute(
        f"{_BESIDE} SELECT 1 FROM beside"  # noqa: S608
        " WHERE balance + amount_before <> balance_before LIMIT 1"
    ).fetchone()
    if is_newest_first:
        return last_balance - last_amount, first_balance
    line, expected, found = broken
    raise RunningBalanceDisagrees(
        line=line, column=column, expected=_plain(expected), found=_plain(found)
    )


def _plain(amount: Decimal) -> Decimal:
    """Return an amount with the two decimals that most currencies have, unless it has more."""
    return amount.quantize(_CENT) if amount == round(amount, 2) else amount
