"""Parts take the place of their row among live ones at once, and the row that of its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.core.money import minor_digits
from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.models import LiveItem
from apps.reconciliation.services.live import LiveRow, hold_channel, live_key, match_rows
from apps.reconciliation.services.rules import rules_now

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from apps.reconciliation.models import RowSplit


def follow_split(split: RowSplit) -> None:
    """Match the parts of a row that was split, and the row no more."""
    _replace(split, [split.item_id], _parts(split))


def follow_rejoin(split: RowSplit) -> None:
    """Match the row of a split that was undone, and its parts no more."""
    _replace(split, list(_parts(split)), {split.item_id: split.amount})


def _parts(split: RowSplit) -> dict[int, Decimal]:
    return dict(split.parts.values_list("item_id", "amount"))


def _replace(split: RowSplit, old: Sequence[int], new: Mapping[int, Decimal]) -> None:
    """Put rows, keys with amounts, in the place of others where these are live.

    They are of one line: its reference, its day and the moment at which it came are theirs.
    """
    channel, side, digits = split.channel, Side(split.side), minor_digits(split.currency)
    hold_channel(channel.pk)
    keys = [live_key(channel, side, pk) for pk in old]
    rows = LiveItem.objects.filter(channel=channel, side=side, item_id__in=keys)
    line = rows.first()
    if line is None:
        return
    rows.delete()
    new_rows = [
        LiveRow(
            side=side,
            item_id=live_key(channel, side, pk),
            reference=line.reference,
            currency=line.currency,
            amount=int(amount.scaleb(digits)),
            on=line.on,
            happened_at=line.happened_at,
        )
        for pk, amount in new.items()
    ]
    match_rows(channel.pk, rules_now(channel), new_rows)
