"""Delegations: who decides for whom while somebody is away."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.approvals.access import delegations_for, get_delegation_for
from apps.approvals.forms.delegations import DelegationForm
from apps.approvals.forms.versions import VersionForm
from apps.approvals.services.delegations import (
    chains_into,
    chains_of,
    delegate,
    may_revoke,
    revoke_delegation,
    state_of,
)
from apps.approvals.words import DelegationState
from apps.core.errors import FinanceError
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from apps.approvals.models import Delegation
    from apps.approvals.services.delegations import ChainOfPeople
    from apps.organizations.models import User

ROWS_PER_PAGE = 50
REFUSED = 422


class Row(NamedTuple):
    """A delegation as the list shows it, and whether the reader may end it."""

    delegation: Delegation
    state: DelegationState
    may_revoke: bool


@require_safe
@permission_required(Permission.APPROVAL_DECIDE, Permission.PEOPLE_VIEW)
def delegation_list(request: HttpRequest) -> HttpResponse:
    """Show the delegations that the reader may see, and for whom the reader decides."""
    user, today = acting_user(request), timezone.localdate()
    page = Paginator(delegations_for(user), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    rows = [Row(row, state_of(row, today), may_revoke(row, user)) for row in page]
    context = {
        "page_obj": page,
        "rows": rows,
        "chains": chains_into(user, today),
        "away": [
            row.delegation
            for row in rows
            if row.delegation.giver_id == user.pk and row.state == DelegationState.ACTIVE
        ],
    }
    return render(request, "approvals/delegation_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.APPROVAL_DECIDE)
def delegation_create(request: HttpRequest) -> HttpResponse:
    """Let a colleague decide for the reader; one that leads further is shown first."""
    user = acting_user(request)
    form = DelegationForm(request.POST or None, user=user)
    chains: list[ChainOfPeople] = []
    refusal = None
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        days = (typed["starts_on"], typed["ends_on"])
        chains = chains_of(typed["taker"], days, actor=user, limit=typed["limit"])
        if not chains or request.POST.get("confirm"):
            refusal = _give(request, form)
            if refusal is None:
                return redirect("approvals:delegation_list")
    status = refusal.http_status if refusal else REFUSED if form.errors else 200
    context = {"form": form, "chains": chains}
    return render(request, "approvals/delegation_create.html", context, status=status)


@require_POST
@permission_required(Permission.APPROVAL_DECIDE, Permission.PEOPLE_MANAGE)
def delegation_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a delegation now, at the version that was seen."""
    user = acting_user(request)
    delegation = get_delegation_for(user, pk)
    form = VersionForm(request.POST)
    try:
        if not form.is_valid():
            messages.error(request, _("The form is incomplete: open the page again."))
        else:
            revoke_delegation(delegation, version=form.cleaned_data["version"], actor=user)
            messages.success(request, _ended(delegation, user))
    except FinanceError as error:
        messages.error(request, str(error))
    return redirect("approvals:delegation_list")


def _ended(delegation: Delegation, reader: User) -> str:
    names = {
        "person": delegation.taker.display_name(),
        "giver": delegation.giver.display_name(),
    }
    if delegation.giver_id == reader.pk:
        return _("%(person)s does not decide for you any more.") % names
    return _("%(person)s does not decide for %(giver)s any more.") % names


def _give(request: HttpRequest, form: DelegationForm) -> FinanceError | None:
    """Do what a valid form asks for; return the refusal that it shows, if any."""
    typed = form.cleaned_data
    try:
        given = delegate(
            typed["taker"],
            (typed["starts_on"], typed["ends_on"]),
            actor=acting_user(request),
            limit=typed["limit"],
            reason=typed["reason"],
        )
    except FinanceError as error:
        form.take(error)
        return error
    said = _("%(person)s decides for you from %(start)s until %(end)s.")
    names = {
        "person": given.taker.display_name(),
        "start": given.starts_on,
        "end": given.ends_on,
    }
    messages.success(request, said % names)
    return None
