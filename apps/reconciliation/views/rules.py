"""Pages of matching rules: versions of a channel, and what people do with one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.core.errors import FinanceError
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission
from apps.reconciliation.access import get_rules_for, rules_for, trials_for
from apps.reconciliation.services.rule_pages import (
    trial_page,
    version_changes,
    words_of_version,
)
from apps.reconciliation.services.rules import activate_rules, active_version, withdraw_rules
from apps.statements.access import get_channel_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from apps.reconciliation.models import RuleSetVersion

VERSIONS_PER_PAGE, SHOWN_TRIALS = 25, 10


@require_safe
@permission_required(Permission.RECONCILIATION_VIEW)
def rule_list(request: HttpRequest, channel: str) -> HttpResponse:
    """Show the active rules of a channel in words, and all versions and trials."""
    user = acting_user(request)
    found = get_channel_for(user, channel)
    versions = rules_for(user).filter(rule_set__channel=found).order_by("-number")
    active = active_version(found)
    page = Paginator(versions, VERSIONS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "channel": found,
        "active": active,
        "words": words_of_version(active, found),
        "page_obj": page,
        "trials": trials_for(user).filter(channel=found)[:SHOWN_TRIALS],
    }
    return render(request, "reconciliation/rule_list.html", context)


@require_safe
@permission_required(Permission.RECONCILIATION_VIEW)
def rule_detail(request: HttpRequest, channel: str, version: int) -> HttpResponse:
    """Show a version in words, what it changes, and the trial before it was saved."""
    user = acting_user(request)
    shown = get_rules_for(user, channel, version)
    found = shown.rule_set.channel
    active = active_version(found)
    context = {
        "channel": found,
        "version": shown,
        "active": active,
        "words": words_of_version(shown, found),
        "changes": version_changes(shown, active),
        "page": trial_page(shown.trial) if shown.trial else None,
        "is_own": shown.created_by_id == user.pk,
    }
    return render(request, "reconciliation/rule_detail.html", context)


@require_POST
@permission_required(Permission.RECONCILIATION_RULES)
def rule_activate(request: HttpRequest, channel: str, version: int) -> HttpResponse:
    """Let a draft decide from now on."""
    return _do(
        request, channel, version, activate_rules, _("Runs use these rules from now on.")
    )


@require_POST
@permission_required(Permission.RECONCILIATION_RULES)
def rule_withdraw(request: HttpRequest, channel: str, version: int) -> HttpResponse:
    """Put a draft away."""
    return _do(request, channel, version, withdraw_rules, _("The draft is withdrawn."))


def _do(
    request: HttpRequest,
    channel: str,
    version: int,
    step: Callable[..., RuleSetVersion],
    said: str,
) -> HttpResponse:
    user = acting_user(request)
    rules = get_rules_for(user, channel, version)
    try:
        step(rules, actor=user)
    except FinanceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect(rules)
