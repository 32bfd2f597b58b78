"""Pages of channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.errors import FinanceError
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission
from apps.statements.access import channels_for, get_channel_for, statements_for
from apps.statements.forms.channels import ChannelChangeForm, ChannelForm
from apps.statements.services.channels import change_channel, create_channel
from apps.statements.services.ledger_source import takes_ledger
from apps.statements.services.pages import channel_gaps, rows_of_channels
from apps.statements.services.stated_balances import stated_of, tells_balances
from apps.statements.services.statement_files import takes_files

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from apps.statements.models import Channel

REFUSED = 422
ROWS_PER_PAGE = 50


@require_safe
@permission_required(Permission.STATEMENT_VIEW)
def channel_list(request: HttpRequest) -> HttpResponse:
    """Show the channels with their newest statements and gaps."""
    page = Paginator(channels_for(acting_user(request)), ROWS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {"page_obj": page, "rows": rows_of_channels(page)}
    return render(request, "statements/channel_list.html", context)


@require_safe
@permission_required(Permission.STATEMENT_VIEW)
def channel_detail(request: HttpRequest, channel: str) -> HttpResponse:
    """Show a channel with its statements and the gaps between them."""
    user = acting_user(request)
    found = get_channel_for(user, channel)
    rows = statements_for(user).filter(channel=found)
    context = {
        "channel": found,
        "page_obj": Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "gaps": channel_gaps(found),
        "takes_files": takes_files(found),
        "takes_ledger": takes_ledger(found),
        "stated": stated_of(found),
        "tells_balances": tells_balances(found),
    }
    return render(request, "statements/channel_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.CHANNEL_MANAGE)
def channel_create(request: HttpRequest) -> HttpResponse:
    """Open a channel."""
    user = acting_user(request)
    form = ChannelForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_channel(actor=user, **form.cleaned_data)
        except FinanceError as error:
            form.take(error)
        else:
            messages.success(request, _("Channel “%(name)s” is open.") % {"name": made.label})
            return redirect(made)
    status = REFUSED if form.errors else 200
    return render(request, "statements/channel_create.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.CHANNEL_MANAGE)
def channel_edit(request: HttpRequest, channel: str) -> HttpResponse:
    """Change a channel, at the version that was seen."""
    user = acting_user(request)
    found = get_channel_for(user, channel)
    form = ChannelChangeForm(request.POST or None, user=user, initial=_seen(found))
    if request.method == "POST" and form.is_valid():
        typed = dict(form.cleaned_data)
        try:
            change_channel(found, version=typed.pop("version"), actor=user, **typed)
        except FinanceError as error:
            form.take(error)
        else:
            messages.success(request, _("Channel “%(name)s” is saved.") % {"name": found.label})
            return redirect(found)
    context = {"form": form, "channel": found}
    status = REFUSED if form.errors else 200
    return render(request, "statements/channel_edit.html", context, status=status)


def _seen(channel: Channel) -> dict[str, object]:
    return {
        "name": channel.name,
        "name_zh": channel.name_zh,
        "partner": channel.partner_id,
        "external_account": channel.external_account,
        "format": channel.format,
        "mapping": channel.mapping_id,
        "is_active": channel.is_active,
        "version": channel.version,
    }
