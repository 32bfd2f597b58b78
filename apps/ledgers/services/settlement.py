"""Settling open items 核销, and undoing it.

    parts of items → plan → [entry: exchange difference] → settlement → movements

All of it is one transaction. Items are locked in the order of their keys, so that of two
people who settle the same one, the second is told; PostgreSQL refuses over-settling whatever
happens here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from apps.core.operation import operation
from apps.ledgers.database_errors import refusals_in_words, retrying
from apps.ledgers.domain.settlement import ItemPart, SettlementPlan, plan_settlement
from apps.ledgers.errors import NoPeriod, ReasonIsMissing
from apps.ledgers.item_errors import (
    ItemsDoNotMatch,
    ItemWasSettled,
    SettledTooEarly,
    SettlementIsUndone,
    SettlementNeedsApproval,
)
from apps.ledgers.models import ItemMovement, OpenItem, Period, Settlement
from apps.ledgers.services.entry_facts import period_taking_entries
from apps.ledgers.services.rates import rounding_mode
from apps.ledgers.services.settlement_entries import post_difference, reverse_difference
from apps.ledgers.services.settlement_limits import is_above_limit, limit_in_words
from apps.ledgers.services.statistics import count_what_looks_empty

if TYPE_CHECKING:
    from apps.ledgers.models import JournalEntry, Ledger
    from apps.organizations.models import User


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose of an item: how much, and the version they saw."""

    amount: Decimal
    version: int


@dataclass(frozen=True, slots=True)
class People:
    """Who settles, and who checked the entry of a gain or loss."""

    maker: User
    checker: User


def preview_settlement(
    ledger: Ledger, choices: Mapping[int, Choice], *, settled_on: date
) -> SettlementPlan:
    """Return what a settlement would move, gain or loss included; nothing is written.

    Raises:
        ItemWasSettled: an item is at another version by now.
        ItemsDoNotMatch, ItemsDoNotBalance, PartIsTooLarge, SettledTooEarly: it cannot be.
    """
    items = list(OpenItem.objects.filter(ledger=ledger, pk__in=list(choices)))
    _require_versions(items, choices)
    return _planned(ledger, items, choices, settled_on)


def settle_items(
    ledger: Ledger,
    choices: Mapping[int, Choice],
    *,
    settled_on: date,
    actor: User,
    form_key: str | None = None,
) -> Settlement:
    """Settle parts of items against each other, by the keys of the items.

    A gain or loss is posted as an entry of its own on `settled_on`. The same `form_key`
    gives the settlement of the first time.

    Raises:
        ItemWasSettled: somebody was faster with one of the items.
        ItemsDoNotMatch, ItemsDoNotBalance, PartIsTooLarge, SettledTooEarly: see above.
        SettlementNeedsApproval: it is above the limit, see `submit_settlement`.
        SystemAccountIsMissing: there is a difference, and nowhere to book it.
        NoPeriod, PeriodTakesNoEntries: the day cannot be used.
    """
    key = form_key and f"{actor.pk}:{form_key}"

    def settle() -> Settlement:
        with operation("settlement.create", actor=actor), transaction.atomic():
            items = _locked(ledger, choices)
            made = settlement_of_form(ledger, form_key, actor=actor)
            if made is not None:
                return made
            plan = locked_plan(ledger, choices, settled_on=settled_on)
            if is_above_limit(ledger, plan):
                raise SettlementNeedsApproval(**limit_in_words(ledger))
            people = People(maker=actor, checker=actor)
            return _settle(items[0], plan, people, settled_on=settled_on, key=key)

    return retrying(settle)


def carry_out(
    ledger: Ledger, choices: Mapping[int, Choice], people: People, *, settled_on: date
) -> Settlement:
    """Settle what another person has approved, inside the caller's transaction.

    Raises:
        FinanceError: see `settle_items`; the limit of the organization does not count.
    """
    plan = locked_plan(ledger, choices, settled_on=settled_on)
    item = OpenItem.objects.select_related("ledger").get(pk=min(choices))
    return _settle(item, plan, people, settled_on=settled_on, key=None)


def locked_plan(
    ledger: Ledger, choices: Mapping[int, Choice], *, settled_on: date
) -> SettlementPlan:
    """Return what a settlement would move, its items locked at the versions that were seen.

    Raises:
        ItemWasSettled: an item is at another version by now.
        ItemsDoNotMatch, ItemsDoNotBalance, PartIsTooLarge, SettledTooEarly: see above.
    """
    items = _locked(ledger, choices)
    _require_versions(items, choices)
    return _planned(ledger, items, choices, settled_on)


def settlement_of_form(
    ledger: Ledger, form_key: str | None, *, actor: User
) -> Settlement | None:
    """Return what the actor's form of this key has settled already."""
    if not form_key:
        return None
    return Settlement.objects.filter(ledger=ledger, form_key=f"{actor.pk}:{form_key}").first()


def undo_settlement(
    settlement: Settlement, *, version: int, actor: User, reason: str
) -> Settlement:
    """Undo a settlement: its items are open again, and its entry is reversed, never deleted.

    Raises:
        ReasonIsMissing: there is none.
        SettlementIsUndone, StaleVersion: somebody was faster.
        NoPeriod, PeriodTakesNoEntries: no period is open to undo it in.
    """
    if not reason.strip():
        raise ReasonIsMissing(field="reason")
    if settlement.state == Settlement.State.UNDONE:
        raise SettlementIsUndone
    day = _undo_day(settlement)

    def undo() -> Settlement:
        with operation("settlement.undo", actor=actor, reason=reason), transaction.atomic():
            _lock(list(settlement.movements.values_list("item_id", flat=True)))
            settlement.update_versioned(
                actor=actor,
                reason=reason,
                expected_version=version,
                state=Settlement.State.UNDONE,
                undone_by=actor,
                undone_on=day,
                undo_reason=reason[:200],
            )
            reversal = reverse_difference(settlement, day=day, reason=reason, actor=actor)
            _move_back(settlement, reversal, day=day)
            return settlement

    return retrying(undo)


def _locked(ledger: Ledger, choices: Mapping[int, Choice]) -> list[OpenItem]:
    items = _lock(choices)
    if len(items) != len(choices) or {item.ledger_id for item in items} - {ledger.pk}:
        raise ItemsDoNotMatch
    return items


def _lock(ids: Iterable[int]) -> list[OpenItem]:
    rows = OpenItem.objects.filter(pk__in=list(ids)).order_by("pk")
    return list(rows.select_for_update(no_key=True))


def _require_versions(items: list[OpenItem], choices: Mapping[int, Choice]) -> None:
    for item in items:
        if item.version != choices[item.pk].version:
            raise ItemWasSettled(item=str(item))


def _planned(
    ledger: Ledger, items: list[OpenItem], choices: Mapping[int, Choice], settled_on: date
) -> SettlementPlan:
    keys = {(item.account_id, item.partner_id, item.currency_id) for item in items}
    if len(keys) != 1:
        raise ItemsDoNotMatch
    latest = max(item.entry_date for item in items)
    if settled_on < latest:
        raise SettledTooEarly(field="settled_on", day=latest.isoformat())
    parts = [
        ItemPart(
            item.pk,
            item.dimension_set_id,
            item.open_amount,
            item.carrying_base,
            choices[item.pk].amount,
        )
        for item in items
    ]
    mode = rounding_mode(ledger, settled_on)
    return plan_settlement(parts, base_currency=ledger.base_currency_id, mode=mode)


def _settle(
    item: OpenItem, plan: SettlementPlan, people: People, *, settled_on: date, key: str | None
) -> Settlement:
    ledger = item.ledger
    period_taking_entries(ledger, settled_on)
    entry_id = post_difference(item, plan, day=settled_on, actor=people.checker)
    settlement = Settlement.create_versioned(
        actor=people.checker,
        ledger=ledger,
        account_id=item.account_id,
        partner_id=item.partner_id,
        currency_id=item.currency_id,
        settled_on=settled_on,
        amount=plan.amount,
        gain=plan.gain,
        entry_id=entry_id,
        made_by=people.maker,
        form_key=key,
    )
    _write(
        [
            ItemMovement(
                item_id=move.item_id,
                kind=ItemMovement.Kind.SETTLEMENT,
                effective_on=settled_on,
                amount=move.amount,
                base_amount=move.base_amount,
                settlement=settlement,
                entry_id=entry_id,
            )
            for move in plan.movements
        ]
    )
    return settlement


def _move_back(settlement: Settlement, reversal: JournalEntry | None, *, day: date) -> None:
    moves = settlement.movements.filter(kind=ItemMovement.Kind.SETTLEMENT)
    _write(
        [
            ItemMovement(
                item_id=move.item_id,
                kind=ItemMovement.Kind.UNDO,
                effective_on=day,
                amount=-move.amount,
                base_amount=-move.base_amount,
                settlement=settlement,
                entry=reversal,
            )
            for move in moves
        ]
    )


def _write(movements: list[ItemMovement]) -> None:
    with refusals_in_words():
        ItemMovement.objects.bulk_create(movements)
    count_what_looks_empty(len(movements))


def _undo_day(settlement: Settlement) -> date:
    """Return the day of the settlement while its period is open, else the first open one."""
    periods = Period.objects.filter(ledger=settlement.ledger_id, is_adjustment=False).open()
    if periods.containing(settlement.settled_on).exists():
        return settlement.settled_on
    later = periods.filter(starts_on__gt=settlement.settled_on).order_by("starts_on").first()
    if later is None:
        raise NoPeriod(field="entry_date", date=settlement.settled_on)
    return later.starts_on
