"""What people decided about open rows, as far as a sign-off asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.reconciliation.domain.proof import Hindrance, Obstacle
from apps.reconciliation.models import Break
from apps.reconciliation.services.breaks_opening import CATEGORIES
from apps.reconciliation.services.breaks_queue import Row, rows_with_lines
from apps.reconciliation.words import BreakState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from apps.reconciliation.domain.proof import OpenItem
    from apps.reconciliation.models import ReconciliationRun

# Waiting, disputed, proposed and resolved are decisions; these are none.
UNDECIDED = frozenset({BreakState.OPEN, BreakState.ASSIGNED})


def undecided_breaks(items: Iterable[OpenItem]) -> list[Obstacle]:
    """Return what hinders while nobody decided about a row."""
    count = sum(item.state in UNDECIDED for item in items)
    return [Obstacle(Hindrance.OPEN_BREAKS, {"count": count})] if count else []


def states_of(run: ReconciliationRun) -> dict[tuple[str, int], str]:
    """Return how far people are with the rows of a channel, by side and key."""
    rows = Break.objects.filter(channel=run.channel_id, booked_on__lte=run.to_on)
    return {
        (side, pk): state for side, pk, state in rows.values_list("side", "item_id", "state")
    }


def rows_of_items(run: ReconciliationRun, items: Sequence[OpenItem]) -> list[Row]:
    """Return the breaks of some open rows with their lines, in the same order."""
    places = {(item.side.value, item.item_id): place for place, item in enumerate(items)}
    breaks = Break.objects.filter(
        channel=run.channel_id, item_id__in={item.item_id for item in items}
    ).select_related("channel", "owner")
    found = [one for one in breaks if (one.side, one.item_id) in places]
    return rows_with_lines(sorted(found, key=lambda one: places[one.side, one.item_id]))


def category_label(bucket: str) -> str:
    """Return what people call a bucket of open rows."""
    category = next((word for known, word in CATEGORIES.items() if known == bucket), None)
    return str(category.label) if category else bucket
