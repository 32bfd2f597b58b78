"""Opening a ledger."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.core.errors import FinanceError
from apps.ledgers.forms.ledger_form import LedgerForm
from apps.ledgers.services.ledger_setup import open_ledger
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission

_REFUSED = 422


@require_http_methods(["GET", "POST", "HEAD"])
@permission_required(Permission.LEDGER_CREATE)
def ledger_create(request: HttpRequest) -> HttpResponse:
    """Open a ledger and go to its periods, of which the first has to be opened."""
    user = acting_user(request)
    initial = {"first_year": timezone.localdate().year}
    form = LedgerForm(request.POST or None, user=user, initial=initial)
    status = _REFUSED if form.is_bound else 200
    if form.is_valid():
        try:
            ledger = open_ledger(form.new_ledger(), actor=user)
        except FinanceError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            status = error.http_status
        else:
            messages.success(
                request,
                _("Opened %(ledger)s. Open its first period to post.")
                % {"ledger": ledger.label},
            )
            return redirect("ledgers:period_list", ledger.code)
    return render(request, "ledgers/ledger_create.html", {"form": form}, status=status)
