"""Settlements above the limit: what is proposed, and who decides."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.core.errors import FinanceError, InvalidInput
from apps.core.rounds import rounds
from apps.ledgers.access import get_settlement_proposal_for
from apps.ledgers.forms.settlement_form import ProposalDecisionForm
from apps.ledgers.models import SettlementProposal
from apps.ledgers.services.settlement_decisions import (
    approve_settlement,
    reject_settlement,
    withdraw_settlement,
)
from apps.ledgers.services.settlement_proposals import SETTLEMENT, proposed_parts
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def settlement_proposal_detail(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Show what would be settled, and what became of it."""
    return _detail(request, get_settlement_proposal_for(acting_user(request), ledger, pk))


@require_POST
@permission_required(Permission.ENTRY_APPROVE, Permission.ITEM_SETTLE)
def settlement_proposal_decide(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Approve, reject or withdraw it, at the version that was seen."""
    proposal = get_settlement_proposal_for(acting_user(request), ledger, pk)
    form = ProposalDecisionForm(request.POST)
    try:
        if not form.is_valid():
            raise InvalidInput(field_name=_("Decision"), problem=_("the form was incomplete"))
        decided = _decide(request, proposal, form)
    except FinanceError as error:
        messages.error(request, str(error))
        return _detail(request, proposal, status=error.http_status)
    return redirect(decided.settlement or decided)


def _decide(
    request: HttpRequest, proposal: SettlementProposal, form: ProposalDecisionForm
) -> SettlementProposal:
    user, version = acting_user(request), form.cleaned_data["version"]
    act, reason = form.cleaned_data["act"], form.cleaned_data["reason"]
    if act == "approve":
        decided = approve_settlement(proposal, version=version, actor=user)
        is_settled = decided.settlement is not None
        done = _("Approved and settled.") if is_settled else _("Approved; others decide too.")
    elif act == "reject":
        decided = reject_settlement(proposal, version=version, actor=user, reason=reason)
        done = _("Rejected; nothing was settled.")
    else:
        decided = withdraw_settlement(proposal, version=version, actor=user)
        done = _("Withdrawn; nothing was settled.")
    messages.success(request, done)
    return decided


def _detail(
    request: HttpRequest, proposal: SettlementProposal, *, status: int = 200
) -> HttpResponse:
    proposal.refresh_from_db()
    user = acting_user(request)
    is_waiting = proposal.state == SettlementProposal.State.WAITING
    context = {
        "proposal": proposal,
        "ledger": proposal.ledger,
        "parts": proposed_parts(proposal),
        "is_own": proposal.proposed_by_id == user.pk,
        "asked": rounds().standing(SETTLEMENT, proposal.pk, reader=user)
        if is_waiting
        else None,
    }
    return render(request, "ledgers/settlement_proposal_detail.html", context, status=status)
