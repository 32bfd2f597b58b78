"""What a proposed policy would have made of last month: a page above policies and books."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.core.errors import FinanceError
from apps.ledgers.services.policy_preview import LONGEST_SECONDS, preview_policy
from apps.organizations.access import acting_user, permission_required, tenant_of
from apps.organizations.permissions import Permission
from apps.policies.access import get_policy_for
from apps.policies.services.comparison import compared_with


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def policy_preview(request: HttpRequest, number: int) -> HttpResponse:
    """Show the differences that a policy makes to last month's entries."""
    user = acting_user(request)
    policy = get_policy_for(user, number)
    before = compared_with(policy)
    context: dict[str, Any] = {"policy": policy, "before": before, "most": LONGEST_SECONDS}
    status = 200
    try:
        context["preview"] = preview_policy(
            before.content,
            policy.content(),
            organization_id=tenant_of(user),
            today=timezone.localdate(),
        )
    except FinanceError as error:
        messages.error(request, str(error))
        status = error.http_status
    return render(request, "ledgers/policy_preview.html", context, status=status)
