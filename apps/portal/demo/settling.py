"""Settling in the demo: what was paid in full is settled, some of it in part, some waits."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

from apps.ledgers.models import OpenItem, Period
from apps.ledgers.services.open_items import proposal_for
from apps.ledgers.services.settlement import Choice, settle_items

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.ledgers.models import Ledger
    from apps.organizations.models import User

# Partners whose receipts nobody has settled yet: something to try.
LEFT_TO_DO = {"OC03", "OS03"}


def settle_what_was_paid(ledger: Ledger, today: date, *, actor: User) -> int:
    """Settle invoices and what paid them, by partner; return how many settlements were made."""
    first_open = Period.objects.filter(ledger=ledger, is_adjustment=False).open().first()
    if first_open is None:
        return 0
    count = 0
    for items in items_by_partner(ledger):
        choices = _choices(items, ledger.base_currency_id)
        latest = max((item.entry_date for item in items if item.pk in choices), default=today)
        if choices and latest <= today:
            day = max(latest, first_open.starts_on)
            settle_items(ledger, choices, settled_on=day, actor=actor)
            count += 1
    return count


def items_by_partner(ledger: Ledger) -> Iterable[list[OpenItem]]:
    """Return the items of each account, partner and currency; none whose entry is reversed."""
    rows = OpenItem.objects.filter(ledger=ledger, entry__reversals=None).still_open()
    rows = rows.exclude(partner__code__in=LEFT_TO_DO).select_related("entry")
    groups: defaultdict[tuple[int, int | None, str], list[OpenItem]] = defaultdict(list)
    for item in rows.order_by("entry_date", "pk"):
        groups[item.account_id, item.partner_id, item.currency_id].append(item)
    return groups.values()


def _choices(items: list[OpenItem], base_currency: str) -> dict[int, Choice]:
    """Return what settles each other in full; in foreign currency also what pays a part."""
    if items[0].currency_id != base_currency:
        proposal = proposal_for(items)
        versions = {item.pk: item.version for item in items}
        return {pk: Choice(amount, versions[pk]) for pk, amount in proposal.items()}
    waiting: defaultdict[object, list[OpenItem]] = defaultdict(list)
    chosen: dict[int, Choice] = {}
    for item in items:
        others = waiting[-item.amount]
        if others:
            for one in (others.pop(0), item):
                chosen[one.pk] = Choice(one.open_amount.copy_abs(), one.version)
        else:
            waiting[item.amount].append(item)
    return chosen
