"""Pages of balances that people state, where the files of a channel tell none."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.errors import FinanceError
from apps.core.files import sent_for_saving
from apps.core.money import minor_digits
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission
from apps.statements.access import get_channel_for, get_stated_balance_for
from apps.statements.forms.statements import StatedBalanceForm
from apps.statements.services.stated_balances import (
    Said,
    state_balance,
    take_back_balance,
    tells_balances,
    versions_of,
)

if TYPE_CHECKING:
    from django.http import FileResponse, HttpRequest, HttpResponse

    from apps.organizations.models import User
    from apps.statements.models import Channel, StatedBalance

REFUSED = 422


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.STATEMENT_IMPORT)
def balance_create(request: HttpRequest, channel: str) -> HttpResponse:
    """State the balance of a day."""
    user = acting_user(request)
    found = get_channel_for(user, channel)
    last = timezone.localdate().replace(day=1) - timedelta(days=1)
    initial = {"at_on": last, "version": 0}
    form = StatedBalanceForm(request.POST or None, request.FILES or None, initial=initial)
    if _is_stated(form, found, user):
        messages.success(request, _("The balance is stated."))
        return redirect(found)
    context = {"form": form, "channel": found, "tells_balances": tells_balances(found)}
    status = REFUSED if form.errors else 200
    return render(request, "statements/balance_create.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.STATEMENT_IMPORT)
def balance_edit(request: HttpRequest, channel: str, pk: int) -> HttpResponse:
    """Correct a stated balance, or take it back, at the version that was seen."""
    user = acting_user(request)
    found = get_stated_balance_for(user, channel, pk)
    versions = list(versions_of(found))
    form = StatedBalanceForm(
        request.POST or None,
        request.FILES or None,
        initial={"at_on": found.at_on, "balance": _typed(found), "version": found.version},
    )
    form.keep_day(found.at_on, is_taken_back=request.POST.get("step") == "take_back")
    is_done = _is_taken_back(form, found, user) or _is_stated(form, found.channel, user)
    if is_done:
        messages.success(request, _("What you said of the balance is kept."))
        return redirect(found.channel)
    context = {"form": form, "channel": found.channel, "stated": found, "versions": versions}
    status = REFUSED if form.errors else 200
    return render(request, "statements/balance_edit.html", context, status=status)


@require_safe
@permission_required(Permission.STATEMENT_VIEW)
def balance_download(request: HttpRequest, channel: str, pk: int) -> FileResponse:
    """Send the evidence of a stated balance, for saving."""
    return sent_for_saving(get_stated_balance_for(acting_user(request), channel, pk))


def _typed(stated: StatedBalance) -> str:
    """Return a balance as people type it in its currency."""
    if stated.balance is None:
        return ""
    return f"{stated.balance:.{minor_digits(stated.channel.currency_id)}f}"


def _is_stated(form: StatedBalanceForm, channel: Channel, user: User) -> bool:
    """State what was typed; a refusal stands in the form then."""
    if not form.is_valid() or form.is_taken_back:
        return False
    try:
        typed = dict(form.cleaned_data)
        version, evidence = typed.pop("version"), typed.pop("file")
        said = Said(**typed, evidence=evidence)
        state_balance(channel, said, version=version, actor=user)
    except FinanceError as error:
        form.take(error)
        return False
    return True


def _is_taken_back(form: StatedBalanceForm, stated: StatedBalance, user: User) -> bool:
    if not form.is_taken_back or not form.is_valid():
        return False
    typed = form.cleaned_data
    try:
        take_back_balance(stated, reason=typed["reason"], version=typed["version"], actor=user)
    except FinanceError as error:
        form.take(error)
        return False
    return True
