"""Settlements above the limit: proposed by one person, settled when another one approves.

    submit_settlement ── at most the limit → Settlement
                      ╰─ above it → SettlementProposal → Settlement, rejected or withdrawn

What is approved is what was proposed: the items have to be at the versions of then, so that a
settlement or revaluation in between keeps the proposal from being carried out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from apps.core.operation import operation
from apps.core.rounds import rounds
from apps.ledgers.access import open_items_for
from apps.ledgers.database_errors import refusals_in_words
from apps.ledgers.models import SettlementProposal
from apps.ledgers.services.entry_facts import period_taking_entries
from apps.ledgers.services.entry_policy import policy_id_on
from apps.ledgers.services.settlement import (
    Choice,
    locked_plan,
    preview_settlement,
    settle_items,
    settlement_of_form,
)
from apps.ledgers.services.settlement_limits import is_above_limit

if TYPE_CHECKING:
    from datetime import date

    from apps.ledgers.models import Ledger, OpenItem, Settlement
    from apps.organizations.models import User

State = SettlementProposal.State
# The kind of subject by which rounds of approval know a proposal.
SETTLEMENT = "settlement"


def submit_settlement(
    ledger: Ledger,
    choices: Mapping[int, Choice],
    *,
    settled_on: date,
    actor: User,
    form_key: str | None = None,
) -> Settlement | SettlementProposal:
    """Settle parts of items, or propose it where the organization's limit is passed.

    The same `form_key` gives what it gave the first time.

    Raises:
        ItemWasSettled, ItemsDoNotMatch, ItemsDoNotBalance, PartIsTooLarge, SettledTooEarly,
        NoPeriod, PeriodTakesNoEntries: see `settle_items`.
    """
    made = settlement_of_form(ledger, form_key, actor=actor)
    if made is not None:
        return made.proposal if hasattr(made, "proposal") else made
    proposed = proposal_of_form(ledger, form_key, actor=actor)
    if proposed is not None:
        return proposed
    plan = preview_settlement(ledger, choices, settled_on=settled_on)
    if is_above_limit(ledger, plan):
        key = form_key and f"{actor.pk}:{form_key}"
        return _propose(ledger, choices, settled_on=settled_on, actor=actor, key=key)
    return settle_items(ledger, choices, settled_on=settled_on, actor=actor, form_key=form_key)


def proposal_of_form(
    ledger: Ledger, form_key: str | None, *, actor: User
) -> SettlementProposal | None:
    """Return what the actor's form of this key has proposed already."""
    if not form_key:
        return None
    rows = SettlementProposal.objects.filter(ledger=ledger)
    return rows.filter(form_key=f"{actor.pk}:{form_key}").first()


def choices_of(proposal: SettlementProposal) -> dict[int, Choice]:
    """Return what was chosen of the items."""
    return {
        part["item"]: Choice(Decimal(part["amount"]), part["version"])
        for part in proposal.parts
    }


@dataclass(frozen=True, slots=True)
class ProposedPart:
    """What is chosen of an item, and whether the item moved since."""

    item: OpenItem
    amount: Decimal
    has_moved: bool


def proposed_parts(proposal: SettlementProposal) -> list[ProposedPart]:
    """Return the parts as people look at them."""
    choices = choices_of(proposal)
    items = open_items_for(proposal.ledger).filter(pk__in=list(choices)).order_by("pk")
    is_waiting = proposal.state == State.WAITING
    return [
        ProposedPart(
            item=item,
            amount=choices[item.pk].amount,
            has_moved=is_waiting and item.version != choices[item.pk].version,
        )
        for item in items
    ]


def content_of_proposal(proposal: SettlementProposal) -> list[object]:
    """Return what is decided on: what was proposed, and the items as they are by now."""
    items = proposal.ledger.open_items.filter(pk__in=list(choices_of(proposal)))
    return [
        proposal.settled_on.isoformat(),
        str(proposal.base_amount),
        [[part["item"], part["amount"], part["version"]] for part in proposal.parts],
        [[pk, version] for pk, version in items.order_by("pk").values_list("pk", "version")],
    ]


def _propose(
    ledger: Ledger,
    choices: Mapping[int, Choice],
    *,
    settled_on: date,
    actor: User,
    key: str | None,
) -> SettlementProposal:
    period_taking_entries(ledger, settled_on)
    parts = [
        {"item": pk, "amount": str(choices[pk].amount), "version": choices[pk].version}
        for pk in sorted(choices)
    ]
    with operation("settlement.propose", actor=actor), refusals_in_words():
        # Of two sendings of one form the second waits here for the items.
        plan = locked_plan(ledger, choices, settled_on=settled_on)
        made = key and SettlementProposal.objects.filter(ledger=ledger, form_key=key).first()
        if made:
            return made
        item = ledger.open_items.get(pk=min(choices))
        proposal = SettlementProposal.create_versioned(
            actor=actor,
            ledger=ledger,
            account_id=item.account_id,
            partner_id=item.partner_id,
            currency_id=item.currency_id,
            settled_on=settled_on,
            amount=plan.amount,
            base_amount=plan.base_amount,
            gain=plan.gain,
            parts=parts,
            policy_id=policy_id_on(ledger, settled_on),
            proposed_by=actor,
            form_key=key,
        )
        rounds().begin(SETTLEMENT, proposal.pk, actor=actor)
        return proposal
