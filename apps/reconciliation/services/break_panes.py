"""Both panes of matching by hand: open rows of the books, and open rows of statements."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.db.models import DecimalField, ExpressionWrapper, F, Func, Q, Value

from apps.core.money import minor_digits
from apps.ledgers.models import JournalLine
from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.domain.hand_matching import (
    Picked,
    allowed_difference,
    difference,
)
from apps.reconciliation.domain.rules import Kind, Rules
from apps.reconciliation.models import Break, RowPart
from apps.reconciliation.services.breaks_queue import Row, rows_with_lines
from apps.reconciliation.words import BreakState
from apps.statements.models import StatementLine

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from django.db.models import QuerySet

    from apps.statements.models import Channel

ROWS_OF_A_PANE = 100
_LARGEST = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class PaneRow:
    """A row that can be chosen."""

    row: Row
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Pane:
    """One side; `has_more` says that rows were left out, which a search finds."""

    side: Side
    rows: list[PaneRow]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Sums:
    """What was chosen comes to."""

    ours: Decimal
    theirs: Decimal
    difference: Decimal
    allowed: Decimal
    count: int

    @property
    def is_agreed(self) -> bool:
        """Whether it can be matched."""
        return self.count > 1 and abs(self.difference) <= self.allowed


def open_breaks(channel: Channel) -> QuerySet[Break]:
    """Return the breaks of a channel whose rows can be matched."""
    done = (BreakState.RESOLVED, BreakState.PROPOSED)
    rows = Break.objects.filter(channel=channel).exclude(state__in=done)
    return rows.select_related("channel", "owner")


def panes_of(
    channel: Channel, *, text: str, near: Break | None, chosen: Collection[int]
) -> list[Pane]:
    """Return both sides: what is chosen first, then what is nearest, or the oldest."""
    return [_pane(channel, side, text, near, chosen) for side in Side]


def _pane(
    channel: Channel, side: Side, text: str, near: Break | None, chosen: Collection[int]
) -> Pane:
    rows = open_breaks(channel).filter(side=side)
    picked = list(rows.filter(pk__in=chosen).order_by("booked_on", "pk"))
    others = _holding(rows.exclude(pk__in=chosen), side, text)
    if near:
        distance = Func(
            ExpressionWrapper(F("amount") - Value(near.amount), DecimalField()), function="abs"
        )
        others = others.filter(currency=near.currency).order_by(distance, "booked_on", "pk")
    else:
        others = others.order_by("booked_on", "pk")
    found = list(others[: ROWS_OF_A_PANE + 1])
    shown = rows_with_lines(picked + found[:ROWS_OF_A_PANE])
    return Pane(
        side,
        [PaneRow(row, row.found.pk in chosen) for row in shown],
        len(found) > ROWS_OF_A_PANE,
    )


def _holding(rows: QuerySet[Break], side: Side, text: str) -> QuerySet[Break]:
    """Narrow rows to those whose line holds a text, or has an amount."""
    if not text:
        return rows
    lines: Any
    if side == Side.STATEMENT:
        names = ("reference", "partner_reference", "counterparty", "text")
        lines = StatementLine.objects.filter(_any(names, text))
    else:
        lines = JournalLine.objects.filter(_any(("summary", "entry__summary"), text))
    parts = RowPart.objects.filter(side=side, line_id__in=lines.values("pk"))
    wanted = Q(item_id__in=lines.values("pk")) | Q(item_id__in=parts.values("item_id"))
    amount = _amount(text)
    if amount is not None:
        wanted |= Q(amount__in=(amount, -amount))
    return rows.filter(wanted)


def _any(names: Sequence[str], text: str) -> Q:
    wanted = Q()
    for name in names:
        wanted |= Q(**{f"{name}__holds": text})
    return wanted


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < _LARGEST else None


def sums_of(breaks: Sequence[Break], rules: Rules) -> Sums | None:
    """Return what rows come to, or nothing where they are of several currencies."""
    if len({one.currency for one in breaks}) != 1:
        return None
    digits = minor_digits(breaks[0].currency)
    rows = [Picked(Side(one.side), one.item_id, one.amount, one.currency) for one in breaks]
    theirs = sum((one.amount for one in rows if one.side == Side.STATEMENT), start=Decimal(0))
    delta = difference(rows)
    allowed = allowed_difference(rows, rules, digits)
    return Sums(theirs - delta, theirs, delta, allowed, len(rows))


def bounds_of(rules: Rules) -> str:
    """Return the tolerances for a script: `absolute:basis points`, each may be empty."""
    steps = [step for step in rules.passes if step.kind in {Kind.TOLERANCE, Kind.GROUP}]
    bounds = [
        (step.absolute, step.basis_points)
        for step in steps
        if step.absolute is not None or step.basis_points is not None
    ]
    return ";".join(
        ":".join("" if value is None else str(value) for value in bound) for bound in bounds
    )
