"""The page that takes another ledger's account as a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from apps.core.errors import FinanceError
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission
from apps.statements.access import get_channel_for
from apps.statements.forms.statements import LedgerDaysForm
from apps.statements.services.ledger_source import take_from_ledger, takes_ledger

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest, HttpResponse

REFUSED = 422


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.STATEMENT_IMPORT)
def statement_take(request: HttpRequest, channel: str) -> HttpResponse:
    """Take the lines of some days, and go to what was read of them."""
    user = acting_user(request)
    found = get_channel_for(user, channel)
    form = LedgerDaysForm(request.POST or None, initial=_this_month())
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(take_from_ledger(found, actor=user, **form.cleaned_data))
        except FinanceError as error:
            form.take(error)
    status = REFUSED if form.errors else 200
    context = {"form": form, "channel": found, "takes_ledger": takes_ledger(found)}
    return render(request, "statements/statement_take.html", context, status=status)


def _this_month() -> dict[str, date]:
    today = timezone.localdate()
    return {"from_on": today.replace(day=1), "to_on": today}
