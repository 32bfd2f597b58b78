"""Signing a run off: one person prepares, another signs; two people undo it.

review ── prepare ──→ (waits) ── sign ──→ signed off ── ask, confirm ──→ withdrawn
                         └─ return: prepare again
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.core.operation import operation
from apps.core.trace import current_trace_id
from apps.organizations.access import require
from apps.organizations.permissions import Permission
from apps.reconciliation.database_errors import refusals_in_words
from apps.reconciliation.errors import (
    NotProvable,
    OwnPreparation,
    OwnWithdrawal,
    ProofChanged,
    SignOffIsElsewhere,
)
from apps.reconciliation.models import (
    CarriedItem,
    ReconciliationRun,
    SignOff,
    SignOffWithdrawal,
)
from apps.reconciliation.services.sign_off_proof import Sheet, seal, sheet_of
from apps.reconciliation.services.sign_off_words import sentence_of_obstacle

if TYPE_CHECKING:
    from typing import Any

    from apps.organizations.models import User

State = SignOff.State
_BATCH = 5_000


def prepare_sign_off(run: ReconciliationRun, *, actor: User, notes: str = "") -> SignOff:
    """Put the proof of a run before its reviewer; what was prepared before is put aside.

    Raises:
        Forbidden: the actor may not prepare.
        NotProvable: something hinders it; says what.
    """
    require(actor, Permission.RECONCILIATION_RUN)
    with operation("sign_off.prepare", actor=actor), refusals_in_words():
        locked = _locked(run)
        sheet = _provable(locked)
        sealed = seal(sheet)
        _put_aside(locked, actor, _("Prepared anew."))
        return SignOff.objects.create(
            run=locked,
            proof=sealed.text,
            digest=sealed.digest,
            seal=sealed.seal,
            supersedes=_superseded_by(locked),
            trace_id=current_trace_id(),
            prepared_by=actor,
            notes=notes,
        )


def sign_off(prepared: SignOff, *, actor: User, notes: str = "") -> SignOff:
    """Sign what another person prepared: from now on the run stays as it is.

    Raises:
        Forbidden: the actor may not sign.
        OwnPreparation: the actor prepared it.
        NotProvable, ProofChanged: things have changed since.
        SignOffIsElsewhere: it waits for no review any more.
    """
    require(actor, Permission.RECONCILIATION_SIGN)
    if prepared.prepared_by_id == actor.pk:
        raise OwnPreparation
    with operation("sign_off.sign", actor=actor), refusals_in_words():
        run = _locked(prepared.run)
        found = _waiting(prepared)
        sheet = _provable(run)
        if seal(sheet).seal != found.seal:
            raise ProofChanged
        _carry(found, sheet)
        _decide(found, state=State.SIGNED, reviewed_by=actor, review_notes=notes)
        ReconciliationRun.objects.filter(pk=run.pk).update(
            state=ReconciliationRun.State.SIGNED_OFF, version=F("version") + 1
        )
    prepared.refresh_from_db()
    return prepared


def return_sign_off(prepared: SignOff, *, actor: User, notes: str) -> SignOff:
    """Give a preparation back, or take the own one back.

    Raises:
        Forbidden: the actor may do neither.
        SignOffIsElsewhere: it waits for no review any more.
    """
    is_own = prepared.prepared_by_id == actor.pk
    require(actor, Permission.RECONCILIATION_RUN if is_own else Permission.RECONCILIATION_SIGN)
    with operation("sign_off.return", actor=actor, reason=notes), refusals_in_words():
        _decide(_waiting(prepared), state=State.RETURNED, reviewed_by=actor, review_notes=notes)
    prepared.refresh_from_db()
    return prepared


def ask_to_withdraw(signed: SignOff, *, actor: User, reason: str) -> SignOffWithdrawal:
    """Ask another person to undo a sign-off.

    Raises:
        Forbidden: the actor may not ask.
        SignOffIsElsewhere: it is not in force, or somebody asked already.
    """
    require(actor, Permission.RECONCILIATION_RUN)
    with operation("sign_off.ask_to_withdraw", actor=actor, reason=reason), refusals_in_words():
        found = SignOff.objects.select_for_update().get(pk=signed.pk)
        if found.state != State.SIGNED or found.withdrawals.exclude(state="declined").exists():
            raise SignOffIsElsewhere(state=found.get_state_display())
        return SignOffWithdrawal.objects.create(sign_off=found, reason=reason, asked_by=actor)


def decide_withdrawal(
    withdrawal: SignOffWithdrawal, *, is_confirmed: bool, actor: User
) -> SignOffWithdrawal:
    """Undo a sign-off that another person asked to be undone, or leave it in force.

    Later sign-offs stay as they are; their pages tell that they are stale.

    Raises:
        Forbidden: the actor may not decide.
        OwnWithdrawal: the actor asked, and may only decline.
        SignOffIsElsewhere: it was decided on.
    """
    require(actor, Permission.RECONCILIATION_SIGN)
    if is_confirmed and withdrawal.asked_by_id == actor.pk:
        raise OwnWithdrawal
    states = SignOffWithdrawal.State
    with (
        operation("sign_off.withdraw", actor=actor, reason=withdrawal.reason),
        refusals_in_words(),
    ):
        _locked(withdrawal.sign_off.run)
        moved = SignOffWithdrawal.objects.filter(pk=withdrawal.pk, state=states.ASKED).update(
            state=states.CONFIRMED if is_confirmed else states.DECLINED,
            decided_by=actor,
            decided_at=timezone.now(),
        )
        withdrawal.refresh_from_db()
        if not moved:
            raise SignOffIsElsewhere(state=withdrawal.get_state_display())
    return withdrawal


def _locked(run: ReconciliationRun) -> ReconciliationRun:
    """Return a run whose results nobody changes until the transaction ends."""
    rows = ReconciliationRun.objects.select_for_update(of=("self",))
    return rows.select_related("channel", "rule_version").get(pk=run.pk)


def _provable(run: ReconciliationRun) -> Sheet:
    sheet = sheet_of(run)
    if sheet.obstacles:
        problems = " ".join(sentence_of_obstacle(one) for one in sheet.obstacles)
        raise NotProvable(problems=problems)
    return sheet


def _waiting(prepared: SignOff) -> SignOff:
    found = SignOff.objects.select_for_update().get(pk=prepared.pk)
    if found.state != State.PREPARED:
        raise SignOffIsElsewhere(state=found.get_state_display())
    return found


def _put_aside(run: ReconciliationRun, actor: User, notes: str) -> None:
    for before in SignOff.objects.filter(run=run, state=State.PREPARED):
        _decide(before, state=State.RETURNED, reviewed_by=actor, review_notes=notes)


def _decide(found: SignOff, **changes: Any) -> None:
    SignOff.objects.filter(pk=found.pk).update(reviewed_at=timezone.now(), **changes)


def _carry(found: SignOff, sheet: Sheet) -> None:
    """Keep what is open as it is now."""
    CarriedItem.objects.bulk_create(
        (
            CarriedItem(
                sign_off=found,
                side=item.side,
                item_id=item.item_id,
                category=item.category,
                state=item.state,
                amount=item.amount,
                currency=item.currency,
                since=item.since,
            )
            for item in sheet.items
        ),
        batch_size=_BATCH,
    )


def _superseded_by(run: ReconciliationRun) -> SignOff | None:
    """Return the withdrawn sign-off of the same days that this one takes the place of."""
    withdrawn = SignOff.objects.filter(
        state=State.SIGNED,
        withdrawals__state="confirmed",
        run__channel=run.channel_id,
        run__to_on=run.to_on,
    )
    return withdrawn.order_by("-pk").first()
