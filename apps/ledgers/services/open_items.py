"""Reads of open items: what is open on a day, how old it is, and whether it adds up.

What was open on a day is the item and its movements up to that day: a receipt of tomorrow
does not settle anything today. Sub-ledger and control account are compared by the same sums.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.ledgers.item_errors import ItemsAreSettled
from apps.ledgers.models import OpenItem, Settlement

if TYPE_CHECKING:
    from apps.ledgers.models import JournalEntry


def require_unsettled(entry: JournalEntry) -> None:
    """Check that no settlement stands in the way of reversing an entry.

    Raises:
        ItemsAreSettled: an item of it is settled, or it is the entry of a settlement.
    """
    is_settled = OpenItem.objects.filter(entry=entry).settled().exists()
    active = Settlement.objects.filter(entry=entry, state=Settlement.State.ACTIVE)
    if is_settled or active.exists():
        raise ItemsAreSettled
