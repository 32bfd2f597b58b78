"""The trial balance 科目余额表 as plain values: roll-up over the tree, filters, totals.

A leaf's opening and closing balance stands on one side. A group adds up the columns of its
accounts, each for itself, so that every column of every level sums to the same total.
A red-letter line shrinks its own column, which may be negative.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.ledgers.domain.account_tree import AccountRow, in_tree_order

_ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Turnover:
    """What the books hold of one account: signed opening, and two columns of movement."""

    opening: Decimal
    debit: Decimal
    credit: Decimal
    line_count: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """The six columns of a trial balance."""

    opening_debit: Decimal = _ZERO
    opening_credit: Decimal = _ZERO
    debit: Decimal = _ZERO
    credit: Decimal = _ZERO
    closing_debit: Decimal = _ZERO
    closing_credit: Decimal = _ZERO

    @classmethod
    def of(cls, turnover: Turnover) -> Figures:
        """Put signed balances on the side where they stand."""
        closing = turnover.opening + turnover.debit - turnover.credit
        return cls(*_sides(turnover.opening), turnover.debit, turnover.credit, *_sides(closing))

    def __add__(self, other: Figures) -> Figures:
        """Add column by column."""
        pairs = zip(self.columns(), other.columns(), strict=True)
        return Figures(*(mine + theirs for mine, theirs in pairs))

    def columns(self) -> tuple[Decimal, ...]:
        """Return the six columns in their order."""
        return (
            self.opening_debit,
            self.opening_credit,
            self.debit,
            self.credit,
            self.closing_debit,
            self.closing_credit,
        )

    def is_zero(self) -> bool:
        """Say whether there is nothing in any column."""
        return not any(self.columns())


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Which rows to show; `level` 0 is every level."""

    text: str = ""
    account_class: str = ""
    level: int = 0
    with_zero: bool = False


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One account with its figures, those of its sub-accounts in them."""

    account: AccountRow
    depth: int
    figures: Figures


@dataclass(frozen=True, slots=True)
class ClassGroup:
    """The rows of one class and the sum of its accounts."""

    account_class: str
    rows: tuple[ReportRow, ...]
    subtotal: Figures


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """The rows that the filters leave; `total` sums their accounts, `whole` all accounts."""

    groups: tuple[ClassGroup, ...]
    total: Figures
    whole: Figures
    account_count: int
    line_count: int
    depth: int


@dataclass(frozen=True, slots=True)
class _Node:
    row: ReportRow
    own: Figures
    is_used: bool
    is_in_scope: bool
    is_hit: bool


def build_trial_balance(
    accounts: Iterable[AccountRow],
    turnovers: Mapping[int, Turnover],
    shown: RowFilter,
    class_order: Sequence[str],
) -> TrialBalance:
    """Roll figures up the tree and leave what the filters show.

    Filtering by text keeps the accounts that match and everything below them.
    """
    nodes = _nodes(in_tree_order(accounts), turnovers, shown)
    groups = tuple(_groups(nodes, shown, class_order))
    used = [turnovers[node.row.account.pk] for node in nodes if not node.own.is_zero()]
    return TrialBalance(
        groups=groups,
        total=sum((group.subtotal for group in groups), start=Figures()),
        whole=sum((node.own for node in nodes), start=Figures()),
        account_count=len(used),
        line_count=sum(turnover.line_count for turnover in turnovers.values()),
        depth=max((node.row.depth for node in nodes), default=1),
    )


def _nodes(
    ordered: Sequence[tuple[AccountRow, int]],
    turnovers: Mapping[int, Turnover],
    shown: RowFilter,
) -> list[_Node]:
    """Return the accounts in the order of the tree, with figures and what is to be shown."""
    hits = {row.pk for row, _ in ordered if shown.text and row.matches(shown.text)}
    covered = _with_descendants(ordered, hits)
    own = {row.pk: Figures.of(turnovers[row.pk]) for row, _ in ordered if row.pk in turnovers}
    rolled, used = _rolled_up(ordered, own)
    return [
        _Node(
            row=ReportRow(row, depth, rolled.get(row.pk, Figures())),
            own=own.get(row.pk, Figures()),
            is_used=row.pk in used,
            is_in_scope=not shown.text or row.pk in covered,
            is_hit=row.pk in hits,
        )
        for row, depth in ordered
    ]


def _with_descendants(ordered: Sequence[tuple[AccountRow, int]], roots: set[int]) -> set[int]:
    covered = set(roots)
    for row, _depth in ordered:
        if row.parent_id in covered:
            covered.add(row.pk)
    return covered


def _rolled_up(
    ordered: Sequence[tuple[AccountRow, int]], own: Mapping[int, Figures]
) -> tuple[dict[int, Figures], set[int]]:
    """Return figures with those of all sub-accounts, and which accounts have any below."""
    rolled = dict(own)
    used = {pk for pk, figures in own.items() if not figures.is_zero()}
    for row, _depth in reversed(ordered):
        if row.parent_id is None or row.pk not in rolled:
            continue
        rolled[row.parent_id] = rolled.get(row.parent_id, Figures()) + rolled[row.pk]
        if row.pk in used:
            used.add(row.parent_id)
    return rolled, used


def _groups(
    nodes: Sequence[_Node], shown: RowFilter, class_order: Sequence[str]
) -> Iterable[ClassGroup]:
    for account_class in class_order:
        if shown.account_class and shown.account_class != account_class:
            continue
        members = [
            node
            for node in nodes
            if node.is_in_scope and node.row.account.account_class == account_class
        ]
        rows = tuple(node.row for node in members if _is_shown(node, shown))
        if rows:
            subtotal = sum((node.own for node in members), start=Figures())
            yield ClassGroup(account_class, rows, subtotal)


def _is_shown(node: _Node, shown: RowFilter) -> bool:
    in_level = not shown.level or node.row.depth <= shown.level or node.is_hit
    return in_level and (shown.with_zero or node.is_used)


def _sides(balance: Decimal) -> tuple[Decimal, Decimal]:
    return (balance, _ZERO) if balance >= 0 else (_ZERO, -balance)
