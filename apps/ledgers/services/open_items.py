"""Single open items: what stands in the way of a reversal, what settles what, due days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import F

from apps.core.errors import StaleVersion
from apps.core.operation import operation
from apps.core.text import clean_text
from apps.ledgers.database_errors import refusals_in_words
from apps.ledgers.domain.item_matching import Candidate, propose
from apps.ledgers.item_errors import ItemsAreSettled
from apps.ledgers.models import OpenItem, Settlement

if TYPE_CHECKING:
    from apps.ledgers.models import JournalEntry
    from apps.organizations.models import User

LONGEST_REFERENCE = 80


def require_unsettled(entry: JournalEntry) -> None:
    """Check that no settlement stands in the way of reversing an entry.

    Raises:
        ItemsAreSettled: an item of it is settled, or it is the entry of a settlement.
    """
    is_settled = OpenItem.objects.filter(entry=entry).settled().exists()
    active = Settlement.objects.filter(entry=entry, state=Settlement.State.ACTIVE)
    if is_settled or active.exists():
        raise ItemsAreSettled


def proposal_for(items: Sequence[OpenItem]) -> dict[int, Decimal]:
    """Return how much of each item probably settles the others, by the items' keys."""
    return propose(
        [
            Candidate(item.pk, item.open_amount, f"{item.reference} {item.entry.summary}")
            for item in items
        ]
    )


def change_open_item(
    item: OpenItem, *, due_on: date, reference: str, version: int, actor: User, reason: str
) -> OpenItem:
    """Change when an item is due and what document it is of; its amounts never change.

    Raises:
        InvalidText: the reference holds hidden characters.
        StaleVersion: the item changed after `version`.
    """
    rows = OpenItem.objects.filter(pk=item.pk, version=version)
    with operation("open_item.change", actor=actor, reason=reason), refusals_in_words():
        changed = rows.update(
            due_on=due_on,
            reference=clean_text(reference, field="reference")[:LONGEST_REFERENCE],
            version=F("version") + 1,
        )
        if not changed:
            raise StaleVersion(what=OpenItem._meta.verbose_name)
    item.refresh_from_db()
    return item
