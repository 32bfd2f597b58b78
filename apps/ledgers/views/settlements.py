"""Settling open items 核销: choose, see what is gained or lost, settle; and undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import FinanceError
from apps.core.money import minor_digits
from apps.ledgers.access import (
    get_account_for,
    get_ledger_for,
    get_settlement_for,
    open_items_for,
    settlement_proposals_for,
)
from apps.ledgers.forms.settlement_form import SettlementForm
from apps.ledgers.item_errors import ItemsDoNotMatch, ItemWasSettled
from apps.ledgers.models import DimensionValue, SettlementProposal
from apps.ledgers.services.entry_saving import default_entry_date
from apps.ledgers.services.open_items import proposal_for
from apps.ledgers.services.rates import rounding_mode
from apps.ledgers.services.settlement import (
    preview_settlement,
    settlement_of_form,
    undo_settlement,
)
from apps.ledgers.services.settlement_limits import is_above_limit, settlement_limit_of
from apps.ledgers.services.settlement_proposals import proposal_of_form, submit_settlement
from apps.organizations.access import acting_user, has_permission, permission_required
from apps.organizations.models import Currency
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from apps.ledgers.domain.settlement import SettlementPlan
    from apps.ledgers.models import Account, Ledger, OpenItem, Settlement

_REFUSED = 422


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.ITEM_SETTLE)
def settlement_create(request: HttpRequest, ledger: str, code: str) -> HttpResponse:
    """Offer the open items of a partner in one currency, with a proposal; settle them."""
    scope = _Scope(request, ledger, code)
    items = scope.items()
    if request.method != "POST":
        latest = max([default_entry_date(scope.ledger), *(item.entry_date for item in items)])
        form = SettlementForm.proposed(items, proposal_for(items), latest)
        return scope.page(form, None)
    form = SettlementForm.of_post(items, request.POST)
    if form.gone:
        return scope.answer_late(form)
    day, choices = form.day(), form.choices(request.POST)
    if day is None or form.errors:
        return scope.page(form, None, status=_REFUSED)
    try:
        plan = preview_settlement(scope.ledger, choices, settled_on=day)
        if request.POST.get("act") != "settle":
            return scope.page(form, plan)
        made = submit_settlement(
            scope.ledger,
            choices,
            settled_on=day,
            actor=acting_user(request),
            form_key=form.form_key,
        )
    except FinanceError as error:
        form.add_error(error)
        return scope.page(form, None, status=error.http_status)
    if isinstance(made, SettlementProposal):
        messages.success(request, _("Proposed: it is above the limit, another person decides."))
    else:
        messages.success(request, _("Settled."))
    return redirect(made)


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def settlement_detail(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Show a settlement, its items, and its entry."""
    user = acting_user(request)
    settlement = get_settlement_for(user, ledger, pk)
    moves = settlement.movements.filter(kind="settlement")
    context = {
        "settlement": settlement,
        "ledger": settlement.ledger,
        "moves": moves.select_related("item__entry__period", "item__ledger"),
        "reversal": _reversal_of(settlement),
        "can_undo": settlement.state == "active"
        and has_permission(user, Permission.ITEM_SETTLE),
    }
    return render(request, "ledgers/settlement_detail.html", context)


@require_POST
@permission_required(Permission.ITEM_SETTLE)
def settlement_undo(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Undo a settlement at the version that was seen; its entry is reversed."""
    user = acting_user(request)
    settlement = get_settlement_for(user, ledger, pk)
    version = request.POST.get("version", "")
    try:
        undo_settlement(
            settlement,
            version=int(version) if version.isascii() and version.isdigit() else 0,
            actor=user,
            reason=request.POST.get("reason", ""),
        )
    except FinanceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The settlement is undone; its items are open again."))
    return redirect("ledgers:settlement_detail", ledger, settlement.pk)


class _Scope:
    """What a settlement page is about: account, partner and currency from the URL."""

    def __init__(self, request: HttpRequest, ledger: str, code: str) -> None:
        """Look them up; 404 for what is not the user's."""
        self.request = request
        user, query = acting_user(request), request.GET
        self.account: Account = get_account_for(user, ledger, code)
        self.ledger: Ledger = get_ledger_for(user, ledger)
        self.currency = query.get("currency", "").upper() or self.ledger.base_currency_id
        get_object_or_404(Currency, code=self.currency)
        partner = query.get("partner", "")
        self.partner: DimensionValue | None = (
            get_object_or_404(
                DimensionValue, organization=self.ledger.organization_id, code=partner
            )
            if partner
            else None
        )

    def items(self) -> list[OpenItem]:
        """Return the items that can be chosen, the first due first."""
        rows = (
            open_items_for(self.ledger)
            .still_open()
            .filter(account=self.account, partner=self.partner, currency=self.currency)
        )
        return list(rows.order_by("due_on", "pk"))

    def proposals(self) -> QuerySet[SettlementProposal]:
        """Return the settlements of these items that wait for another person."""
        rows = settlement_proposals_for(self.ledger).filter(state="waiting")
        return rows.filter(account=self.account, partner=self.partner, currency=self.currency)

    def answer_late(self, form: SettlementForm) -> HttpResponse:
        """Lead to what the same form settled before, or say that somebody else was faster."""
        user = acting_user(self.request)
        made = settlement_of_form(self.ledger, form.form_key, actor=user) or proposal_of_form(
            self.ledger, form.form_key, actor=user
        )
        if made is not None:
            return redirect(made)
        item = open_items_for(self.ledger).filter(pk__in=form.gone).first()
        error = ItemsDoNotMatch() if item is None else ItemWasSettled(item=str(item))
        form.add_error(error)
        return self.page(form, None, status=error.http_status)

    def page(
        self, form: SettlementForm, plan: SettlementPlan | None, *, status: int = 200
    ) -> HttpResponse:
        """Show the form with what was chosen, and what would come of it."""
        base = self.ledger.base_currency_id
        context: Mapping[str, object] = {
            "ledger": self.ledger,
            "account": self.account,
            "partner": self.partner,
            "currency": self.currency,
            "form": form,
            "errors": form.errors,
            "plan": plan,
            "limit": settlement_limit_of(self.ledger),
            "waits": plan is not None and is_above_limit(self.ledger, plan),
            "proposals": self.proposals(),
            "digits": minor_digits(self.currency),
            "base_digits": minor_digits(base),
            "rounding": rounding_mode(self.ledger, timezone.localdate()).value,
        }
        return render(self.request, "ledgers/settlement_create.html", context, status=status)


def _reversal_of(settlement: Settlement) -> object:
    return settlement.entry.reversals.first() if settlement.entry else None
