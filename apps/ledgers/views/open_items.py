"""Open items: the ageing of a control account, one item, and what people change of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.core.errors import FinanceError
from apps.ledgers.access import get_ledger_for, get_open_item_for, settlement_proposals_for
from apps.ledgers.forms.item_forms import AgeingForm, OpenItemForm
from apps.ledgers.services.ageing import BUCKETS, ageing_of, items_held
from apps.ledgers.services.entry_policy import usual_term_of
from apps.ledgers.services.open_items import change_open_item
from apps.organizations.access import acting_user, has_permission, permission_required
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from apps.ledgers.models import OpenItem

_REFUSED = 422


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def open_item_list(request: HttpRequest, ledger: str) -> HttpResponse:
    """Show what is open by partner and age, or with `partner` its items one by one."""
    books = get_ledger_for(acting_user(request), ledger)
    form = AgeingForm(request.GET.dict(), ledger=books, today=timezone.localdate())
    context = {
        "ledger": books,
        "form": form,
        "buckets": [label for _key, label in BUCKETS],
        "proposals": settlement_proposals_for(books).filter(state="waiting"),
    }
    if not form.is_valid():
        status = _REFUSED if form.accounts else 200
        return render(request, "ledgers/open_item_list.html", context, status=status)
    account, day = form.chosen_account(), form.cleaned_data["as_of"]
    partner = form.cleaned_data["partner"]
    context |= {"account": account, "day": day, "partner": partner}
    if partner is None:
        context["ageing"] = ageing_of(books, account, day)
    else:
        context["held"] = items_held(books, account, day, partner=partner)
    return render(request, "ledgers/open_item_list.html", context)


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def open_item_detail(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Show an item, what settled it, and where it comes from."""
    item = get_open_item_for(acting_user(request), ledger, pk)
    return _detail(request, item, OpenItemForm.of_item(item))


@require_POST
@permission_required(Permission.ITEM_SETTLE)
def open_item_edit(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Change due day and document of an item, at the version that was seen."""
    user = acting_user(request)
    item = get_open_item_for(user, ledger, pk)
    form = OpenItemForm(request.POST)
    if not form.is_valid():
        return _detail(request, item, form, status=_REFUSED)
    values = form.cleaned_data
    try:
        change_open_item(item, **values, actor=user, reason="")
    except FinanceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Saved."))
    return redirect(item)


def _detail(
    request: HttpRequest, item: OpenItem, form: OpenItemForm, *, status: int = 200
) -> HttpResponse:
    movements = item.movements.select_related("settlement", "entry__period", "entry__ledger")
    context = {
        "item": item,
        "ledger": item.ledger,
        "form": form,
        "movements": movements,
        "term": usual_term_of(item),
        "can_settle": has_permission(acting_user(request), Permission.ITEM_SETTLE),
        "today": timezone.localdate(),
    }
    return render(request, "ledgers/open_item_detail.html", context, status=status)
