"""What pages show of a split: the row, its parts, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass

from apps.reconciliation.models import Break, RowPart, RowSplit
from apps.reconciliation.services.breaks_queue import Row, rows_with_lines
from apps.reconciliation.words import BreakState


@dataclass(frozen=True, slots=True)
class SplitShown:
    """A split with its row and the rows of its parts in their order."""

    split: RowSplit
    whole: Row
    parts: list[Row]

    @property
    def is_open(self) -> bool:
        """Whether it can be undone: no part is matched, split or on its way out."""
        done = {BreakState.RESOLVED, BreakState.PROPOSED}
        return not any(row.found.state in done for row in self.parts)


def split_of(found: Break) -> SplitShown | None:
    """Return the split of a break's row, else the one that the row is a part of."""
    about = {"channel": found.channel_id, "side": found.side, "item_id": found.item_id}
    splits = RowSplit.objects.select_related("created_by")
    split = splits.filter(**about, is_undone=False).first()
    if split is None:
        part = RowPart.objects.filter(**about).first()
        split = splits.get(pk=part.split_id) if part else None
    return _shown(split) if split else None


def _shown(split: RowSplit) -> SplitShown:
    keys = [split.item_id, *split.parts.values_list("item_id", flat=True)]
    breaks = Break.objects.filter(
        channel=split.channel_id, side=split.side, item_id__in=keys
    ).select_related("channel", "owner")
    whole, *parts = rows_with_lines(sorted(breaks, key=lambda one: keys.index(one.item_id)))
    return SplitShown(split, whole, parts)
