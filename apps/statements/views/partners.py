"""Pages of partners: who tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.errors import FinanceError
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission
from apps.statements.access import get_partner_for, partners_for
from apps.statements.forms.channels import PartnerChangeForm, PartnerForm
from apps.statements.services.channels import change_partner, create_partner

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from apps.statements.models import StatementPartner

REFUSED = 422


@require_safe
@permission_required(Permission.STATEMENT_VIEW)
def partner_list(request: HttpRequest) -> HttpResponse:
    """Show the partners and their channels."""
    rows = partners_for(acting_user(request)).prefetch_related("channels")
    return render(request, "statements/partner_list.html", {"partners": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.CHANNEL_MANAGE)
def partner_create(request: HttpRequest) -> HttpResponse:
    """Add a partner."""
    form = PartnerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_partner(actor=acting_user(request), **form.cleaned_data)
        except FinanceError as error:
            form.take(error)
        else:
            messages.success(request, _("Partner “%(name)s” is added.") % {"name": made.label})
            return redirect("statements:channel_create")
    status = REFUSED if form.errors else 200
    return render(request, "statements/partner_create.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.CHANNEL_MANAGE)
def partner_edit(request: HttpRequest, partner: str) -> HttpResponse:
    """Change a partner, at the version that was seen."""
    user = acting_user(request)
    found = get_partner_for(user, partner)
    form = PartnerChangeForm(request.POST or None, initial=_seen(found))
    if request.method == "POST" and form.is_valid():
        try:
            change_partner(found, actor=user, **form.cleaned_data)
        except FinanceError as error:
            form.take(error)
        else:
            messages.success(request, _("Partner “%(name)s” is saved.") % {"name": found.label})
            return redirect("statements:partner_list")
    context = {"form": form, "partner": found, "channels": found.channels.all()}
    status = REFUSED if form.errors else 200
    return render(request, "statements/partner_edit.html", context, status=status)


def _seen(partner: StatementPartner) -> dict[str, object]:
    return {
        "name": partner.name,
        "name_zh": partner.name_zh,
        "is_active": partner.is_active,
        "version": partner.version,
    }
