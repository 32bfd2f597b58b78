"""The chart of accounts as its page shows it: a tree that opens and closes, with balances."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connection

from apps.ledgers.domain.account_tree import in_tree_order
from apps.ledgers.models import AccountClass
from apps.ledgers.services.statement_scope import account_rows, side_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from apps.ledgers.domain.account_tree import AccountRow
    from apps.ledgers.models import Ledger

_BALANCES_SQL = """
SELECT account_id, sum(debit - credit) FROM ledgers_accounttotal
WHERE ledger_id = ANY (%s) GROUP BY account_id
"""
Ordered = list[tuple["AccountRow", int]]


@dataclass(slots=True)
class TreeNode:
    """A row of the tree; `closed_after` counts the groups that end below it."""

    account: AccountRow
    depth: int
    balance: Decimal
    is_group: bool
    closed_after: int = 0

    @property
    def side(self) -> str:
        """The side on which the balance stands."""
        return side_of(self.balance)

    @property
    def size(self) -> Decimal:
        """The balance without its sign."""
        return abs(self.balance)

    @property
    def levels_closed(self) -> range:
        """What a template loops over to close lists."""
        return range(self.closed_after)


@dataclass(frozen=True, slots=True)
class ClassTree:
    """The accounts of one class."""

    account_class: AccountClass
    nodes: list[TreeNode]


def account_trees(
    ledger: Ledger,
    *,
    text: str = "",
    account_class: str = "",
    with_inactive: bool = False,
) -> list[ClassTree]:
    """Return the accounts of a ledger's chart by class, those that the filters leave.

    An account that matches the text comes with the groups above and all accounts below it.
    """
    ordered = in_tree_order(account_rows(ledger.chart_id))
    balances = _rolled_up(ordered, _balances(ledger))
    shown = _matching(ordered, text) if text else {row.pk for row, _depth in ordered}
    if not with_inactive:
        shown = _with_groups(ordered, {row.pk for row, _d in ordered if row.is_active} & shown)
    kept = [
        (row, depth)
        for row, depth in ordered
        if row.pk in shown and account_class in {"", row.account_class}
    ]
    return [
        ClassTree(kind, nodes)
        for kind in AccountClass
        if (nodes := _nodes([item for item in kept if item[0].account_class == kind], balances))
    ]


def _balances(ledger: Ledger) -> dict[int, Decimal]:
    with connection.cursor() as cursor:
        cursor.execute(_BALANCES_SQL, [ledger.reported_ledger_ids()])
        return dict(cursor.fetchall())


def _rolled_up(ordered: Ordered, own: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """Return signed balances with those of all sub-accounts."""
    rolled = dict(own)
    for row, _depth in reversed(ordered):
        if row.parent_id is not None:
            balance = rolled.get(row.pk, Decimal(0))
            rolled[row.parent_id] = rolled.get(row.parent_id, Decimal(0)) + balance
    return rolled


def _matching(ordered: Ordered, text: str) -> set[int]:
    """Return the accounts that match, those below them, and the way up to the roots."""
    found: set[int] = set()
    for row, _depth in ordered:
        if row.parent_id in found or row.matches(text):
            found.add(row.pk)
    return _with_groups(ordered, found)


def _with_groups(ordered: Ordered, found: set[int]) -> set[int]:
    """Return the accounts and the groups that they stand in."""
    whole = set(found)
    for row, _depth in reversed(ordered):
        if row.pk in whole and row.parent_id is not None:
            whole.add(row.parent_id)
    return whole


def _nodes(
    kept: Sequence[tuple[AccountRow, int]], balances: Mapping[int, Decimal]
) -> list[TreeNode]:
    nodes: list[TreeNode] = []
    depths = [depth for _row, depth in kept]
    for index, (row, depth) in enumerate(kept):
        following = depths[index + 1] if index + 1 < len(kept) else depths[0]
        node = TreeNode(row, depth, balances.get(row.pk, Decimal(0)), following > depth)
        node.closed_after = max(depth - following, 0)
        nodes.append(node)
    return nodes
