"""The page of credit checks and of the breaker before the bureau."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.core.errors import FinanceError
from apps.core.paging import UncountedPage, page_number
from apps.credit.access import checks_for, transitions_for
from apps.credit.forms import CreditCheckForm, ReasonForm
from apps.credit.services.breaker import breaker_now, force_breaker_open, reset_breaker
from apps.credit.services.checks import check_credit
from apps.credit.services.overview import counts_of, last_day
from apps.credit.services.wording import (
    LOOKS,
    limits_text,
    result_text,
    rows_of,
    state_text,
    steps_of,
)
from apps.organizations.access import acting_user, permission_required, tenant_of
from apps.organizations.models import Organization
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from apps.organizations.models import User

PAGE_SIZE = 50
STEPS_SHOWN = 12


@require_safe
@permission_required(Permission.CREDIT_VIEW)
def credit_overview(request: HttpRequest) -> HttpResponse:
    """Show where the breaker stands, what it did, and the latest checks."""
    return _overview(request, CreditCheckForm())


@require_POST
@permission_required(Permission.CREDIT_CHECK)
def credit_check_create(request: HttpRequest) -> HttpResponse:
    """Check a counterparty now, and say what it came to."""
    user, form = acting_user(request), CreditCheckForm(request.POST)
    if form.is_valid():
        organization = Organization.objects.get(pk=tenant_of(user))
        try:
            result = check_credit(organization=organization, actor=user, **form.question())  # type: ignore[arg-type]
        except FinanceError as error:
            form.take(error)
        else:
            show = messages.warning if result.needs_person else messages.success
            show(request, result_text(result))
            return redirect("credit:credit_overview")
    return _overview(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_POST
@permission_required(Permission.BREAKER_MANAGE)
def breaker_force_open(request: HttpRequest) -> HttpResponse:
    """Let no check through until somebody resets it."""
    try:
        force_breaker_open(actor=acting_user(request), reason=_reason(request))
    except FinanceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The breaker is forced open: nobody asks the bureau."))
    return redirect("credit:credit_overview")


@require_POST
@permission_required(Permission.BREAKER_MANAGE)
def breaker_reset(request: HttpRequest) -> HttpResponse:
    """Close the breaker and forget its counts."""
    try:
        is_everywhere = reset_breaker(actor=acting_user(request), reason=_reason(request))
    except FinanceError as error:
        messages.error(request, str(error))
    else:
        if is_everywhere:
            messages.success(request, _("The breaker is closed: checks go to the bureau."))
        else:
            sentence = _(
                "It is reset, but Redis does not answer: other processes follow later."
            )
            messages.warning(request, sentence)
    return redirect("credit:credit_overview")


def _reason(request: HttpRequest) -> str:
    form = ReasonForm(request.POST)
    return str(form.cleaned_data["reason"]) if form.is_valid() else ""


def _overview(
    request: HttpRequest, form: CreditCheckForm, *, status: int = 200
) -> HttpResponse:
    user = acting_user(request)
    page = _page(user, page_number(request.GET.get("page")))
    now, course = breaker_now(tenant_of(user)), transitions_for(user)
    tone, icon = LOOKS[now.state]
    context: dict[str, Any] = {
        "form": form,
        "page_obj": page,
        "rows": rows_of(page),
        "now": now,
        "state_text": state_text(now),
        "tone": tone,
        "icon": icon,
        "counts": counts_of(now, course),
        "steps": steps_of(course[:STEPS_SHOWN]),
        "day": last_day(checks_for(user)),
        "good_score": settings.CREDIT_GOOD_SCORE,
        "limits": limits_text(settings.CREDIT_CACHED_LIMITS),
        "has_bureau": bool(settings.CREDIT_BUREAU_URL),
    }
    return render(request, "credit/credit_overview.html", context, status=status)


def _page(user: User, number: int) -> UncountedPage:
    first = (number - 1) * PAGE_SIZE
    rows = list(checks_for(user)[first : first + PAGE_SIZE + 1])
    return UncountedPage(rows[:PAGE_SIZE], number, PAGE_SIZE, len(rows) > PAGE_SIZE)
