"""Deciding about proposed settlements: another person approves or rejects what was proposed.

`mark_settled`, `mark_rejected` and `mark_withdrawn` change the state and know no policy but
that the proposer does not decide; the engine above the books calls them when a round is over.
The others are what people do: their say in the round that is open, or, where the organization
has no flow, the rule of one step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from apps.core.errors import Forbidden, StaleVersion
from apps.core.operation import operation
from apps.core.rounds import rounds
from apps.core.text import clean_text
from apps.ledgers.database_errors import refusals_in_words, retrying
from apps.ledgers.errors import AboveLimit, ReasonIsMissing
from apps.ledgers.item_errors import OwnSettlement, SettlementIsDecided
from apps.ledgers.models import SettlementProposal
from apps.ledgers.services.entry_policy import approval_limit_under
from apps.ledgers.services.settlement import People, carry_out
from apps.ledgers.services.settlement_proposals import SETTLEMENT, choices_of
from apps.organizations.access import require
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from apps.organizations.models import User

State = SettlementProposal.State


def approve_settlement(
    proposal: SettlementProposal, *, version: int, actor: User
) -> SettlementProposal:
    """Give the actor's approval; its items are settled unless a flow asks for more people.

    Without a flow, the actor's limit has to cover it.

    Raises:
        Forbidden, OwnSettlement, AboveLimit: the actor may not.
        SettlementIsDecided, StaleVersion: somebody was faster.
        FinanceError: it cannot be settled any more, see `settle_items`.
    """
    _require_decider(proposal, version, actor)
    if rounds().approve(SETTLEMENT, proposal.pk, actor=actor):
        proposal.refresh_from_db()
        return proposal
    limit = approval_limit_under(actor, proposal.ledger.organization_id, proposal.policy_id)
    if limit is not None and proposal.base_amount > limit:
        currency = proposal.ledger.base_currency_id
        raise AboveLimit(currency=currency, total=proposal.base_amount, limit=limit)
    return mark_settled(proposal, version=version, actor=actor)


def reject_settlement(
    proposal: SettlementProposal, *, version: int, actor: User, reason: str
) -> SettlementProposal:
    """Decide that nothing is settled, saying why.

    Raises:
        ReasonIsMissing: there is no reason.
        Forbidden, OwnSettlement, SettlementIsDecided, StaleVersion: see `approve_settlement`.
    """
    if not reason.strip():
        raise ReasonIsMissing(field="reason")
    _require_decider(proposal, version, actor)
    if rounds().reject(SETTLEMENT, proposal.pk, actor=actor, reason=reason):
        proposal.refresh_from_db()
        return proposal
    return mark_rejected(proposal, version=version, actor=actor, reason=reason)


def withdraw_settlement(
    proposal: SettlementProposal, *, version: int, actor: User
) -> SettlementProposal:
    """Take the own proposal back.

    Raises:
        Forbidden: it is somebody else's.
        SettlementIsDecided, StaleVersion: somebody was faster.
    """
    if proposal.proposed_by_id != actor.pk:
        raise Forbidden
    _require_version(proposal, version)
    if rounds().withdraw(SETTLEMENT, proposal.pk, actor=actor):
        proposal.refresh_from_db()
        return proposal
    return mark_withdrawn(proposal, version=version, actor=actor)


def mark_settled(
    proposal: SettlementProposal, *, version: int, actor: User
) -> SettlementProposal:
    """Settle what was proposed, in the name of the proposer, with the actor as its checker.

    Raises:
        OwnSettlement, SettlementIsDecided, StaleVersion, FinanceError: see
        `approve_settlement`.
    """
    _require_other_person(proposal, actor)

    def settle() -> SettlementProposal:
        with operation("settlement.approve", actor=actor), transaction.atomic():
            _require_waiting(proposal)
            settlement = carry_out(
                proposal.ledger,
                choices_of(proposal),
                People(maker=proposal.proposed_by, checker=actor),
                settled_on=proposal.settled_on,
            )
            return _decide(
                proposal, State.SETTLED, version=version, actor=actor, settlement=settlement
            )

    return retrying(settle)


def mark_rejected(
    proposal: SettlementProposal, *, version: int, actor: User, reason: str
) -> SettlementProposal:
    """Move a waiting proposal to rejected.

    Raises:
        OwnSettlement, SettlementIsDecided, StaleVersion: see `approve_settlement`.
    """
    _require_other_person(proposal, actor)
    with operation("settlement.reject", actor=actor, reason=reason), refusals_in_words():
        _require_waiting(proposal)
        note = clean_text(reason, field="reason")[:500]
        return _decide(proposal, State.REJECTED, version=version, actor=actor, note=note)


def mark_withdrawn(
    proposal: SettlementProposal, *, version: int, actor: User
) -> SettlementProposal:
    """Move a waiting proposal to withdrawn.

    Raises:
        Forbidden, SettlementIsDecided, StaleVersion: see `withdraw_settlement`.
    """
    if proposal.proposed_by_id != actor.pk:
        raise Forbidden
    with operation("settlement.withdraw", actor=actor), refusals_in_words():
        _require_waiting(proposal)
        return _decide(proposal, State.WITHDRAWN, version=version, actor=actor)


def _require_decider(proposal: SettlementProposal, version: int, actor: User) -> None:
    require(actor, Permission.ENTRY_APPROVE)
    if actor.organization_id != proposal.ledger.organization_id:
        raise Forbidden
    _require_other_person(proposal, actor)
    _require_version(proposal, version)


def _require_version(proposal: SettlementProposal, version: int) -> None:
    if proposal.state != State.WAITING:
        raise SettlementIsDecided(state=proposal.get_state_display())
    if proposal.version != version:
        raise StaleVersion(what=proposal._meta.verbose_name)


def _require_other_person(proposal: SettlementProposal, actor: User) -> None:
    if proposal.proposed_by_id == actor.pk:
        raise OwnSettlement


def _require_waiting(proposal: SettlementProposal) -> None:
    """Lock the proposal, and check that nobody has decided.

    Raises:
        SettlementIsDecided: somebody was faster.
    """
    rows = SettlementProposal.objects.select_for_update(no_key=True)
    now = rows.get(pk=proposal.pk)
    if now.state != State.WAITING:
        raise SettlementIsDecided(state=now.get_state_display())


def _decide(
    proposal: SettlementProposal, state: State, *, version: int, actor: User, **changes: object
) -> SettlementProposal:
    return proposal.update_versioned(
        actor=actor,
        reason=state,
        expected_version=version,
        state=state,
        decided_by=actor,
        decided_at=timezone.now(),
        **changes,
    )
