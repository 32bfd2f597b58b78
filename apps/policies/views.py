"""Pages of finance policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import FinanceError
from apps.core.rounds import OpenRound, rounds
from apps.organizations.access import acting_user, permission_required, tenant_of
from apps.organizations.permissions import Permission
from apps.policies.access import get_policy_for, policies_for
from apps.policies.errors import FileHasErrors, PolicyHasProblems
from apps.policies.forms import (
    CalculatorForm,
    DecisionForm,
    PolicyForm,
    PolicyUploadForm,
    initial_of,
)
from apps.policies.models import FinancePolicy
from apps.policies.services.calculator import Invoice, work_out
from apps.policies.services.comparison import compared_with, first_day_of_next_month
from apps.policies.services.current import policy_on
from apps.policies.services.decisions import confirm_policy, reject_policy
from apps.policies.services.file_imports import MOST_BYTES, propose_from_file
from apps.policies.services.policy_file import write_document
from apps.policies.services.proposals import POLICY_CHANGE, propose_policy
from apps.policies.services.wording import decisions_of, differences, percent
from apps.policies.words import PolicyState

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.organizations.models import User

PAGE_SIZE = 50
_REFUSED = 422
_YAML = "application/yaml; charset=utf-8"


@require_safe
@permission_required(Permission.POLICY_VIEW)
def policy_list(request: HttpRequest) -> HttpResponse:
    """Show what is in force today, what waits, and every version."""
    user = acting_user(request)
    policies = policies_for(user)
    in_force = policy_on(tenant_of(user), timezone.localdate())
    context = {
        "in_force": in_force,
        "decisions": decisions_of(in_force),
        "waiting": policies.waiting(),
        "page_obj": Paginator(policies, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "policies/policy_list.html", context)


@require_safe
@permission_required(Permission.POLICY_VIEW)
def policy_detail(request: HttpRequest, number: int) -> HttpResponse:
    """Show a version, what it changes, and who decided."""
    return _detail(request, get_policy_for(acting_user(request), number))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.POLICY_PROPOSE)
def policy_propose(request: HttpRequest) -> HttpResponse:
    """Propose a policy; the form begins with the one in force."""
    user = acting_user(request)
    day = first_day_of_next_month(timezone.localdate())
    initial = initial_of(policy_on(tenant_of(user), day)) | {"effective_from": day}
    form = PolicyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            policy = propose_policy(
                form.content(),
                effective_from=typed["effective_from"],
                reason=typed["reason"],
                actor=user,
            )
        except PolicyHasProblems as several:
            for problem in several.problems:
                form.take(problem)
        except FinanceError as error:
            form.take(error)
        else:
            return _proposed(request, policy)
    status = _REFUSED if form.is_bound else 200
    return render(request, "policies/policy_propose.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.POLICY_PROPOSE)
def policy_import(request: HttpRequest) -> HttpResponse:
    """Propose what an uploaded YAML file says, or name the line of each error."""
    form = PolicyUploadForm(request.POST or None, request.FILES or None)
    errors: list[FinanceError] = []
    if request.method == "POST" and form.is_valid():
        try:
            policy = propose_from_file(
                form.cleaned_data["file"].read(MOST_BYTES + 1), actor=acting_user(request)
            )
        except FileHasErrors as several:
            errors = several.errors
        except FinanceError as error:
            form.add_error("file", str(error))
        else:
            return _proposed(request, policy)
    context = {"form": form, "errors": [{"anchor": "", "message": str(e)} for e in errors]}
    status = 200 if request.method in {"GET", "HEAD"} else _REFUSED
    return render(request, "policies/policy_import.html", context, status=status)


@require_safe
@permission_required(Permission.POLICY_VIEW)
def policy_download(request: HttpRequest, number: int) -> HttpResponse:
    """Give a version as the YAML file that proposes it again."""
    policy = get_policy_for(acting_user(request), number)
    text = write_document(
        policy.content(),
        effective_from=policy.effective_from,
        reason=policy.proposal_reason,
    )
    name = f"policy-{policy.organization.code}-v{policy.number}.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type=_YAML, headers=headers)


@require_POST
@permission_required(Permission.POLICY_CONFIRM)
def policy_confirm(request: HttpRequest, number: int) -> HttpResponse:
    """Put a proposal of somebody else in force."""
    policy = get_policy_for(acting_user(request), number)
    return _decide(request, policy, confirm_policy, _("%(policy)s is confirmed."))


@require_POST
@permission_required(Permission.POLICY_CONFIRM, Permission.POLICY_PROPOSE)
def policy_reject(request: HttpRequest, number: int) -> HttpResponse:
    """Put a proposal aside."""
    policy = get_policy_for(acting_user(request), number)
    return _decide(request, policy, reject_policy, _("%(policy)s is rejected."))


@require_safe
@permission_required(Permission.POLICY_VIEW)
def policy_calculator(request: HttpRequest) -> HttpResponse:
    """Split an amount into net and tax, and count the due dates, as the policy says."""
    user = acting_user(request)
    asked = "amount" in request.GET
    form = CalculatorForm(request.GET if asked else None, initial={"day": timezone.localdate()})
    context: dict[str, Any] = {"form": form}
    if asked and form.is_valid():
        try:
            worked = work_out(_invoice(form.cleaned_data), organization_id=tenant_of(user))
        except FinanceError as error:
            form.add_error("amount", str(error))
        else:
            context |= {"worked": worked, "rate": percent(worked.rate)}
    status = _REFUSED if form.errors else 200
    return render(request, "policies/policy_calculator.html", context, status=status)


def _invoice(typed: dict[str, Any]) -> Invoice:
    return Invoice(
        amount=typed["amount"],
        currency=typed["currency"].upper(),
        is_gross=typed["way"] == "gross",
        kind=typed["invoice_kind"],
        day=typed["day"],
    )


def _proposed(request: HttpRequest, policy: FinancePolicy) -> HttpResponse:
    messages.success(
        request, _("%(policy)s waits for another person to confirm it.") % {"policy": policy}
    )
    return redirect(policy)


def _decide(
    request: HttpRequest,
    policy: FinancePolicy,
    decide: Callable[..., FinancePolicy],
    sentence: str,
) -> HttpResponse:
    form = DecisionForm(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else 0
    reason = form.cleaned_data.get("reason", "")
    try:
        decide(policy, version=version, actor=acting_user(request), reason=reason)
    except FinanceError as error:
        messages.error(request, str(error))
        return _detail(request, policy, status=error.http_status)
    if policy.state == PolicyState.PROPOSED:
        sentence = _("Approved; others decide too.")
    messages.success(request, sentence % {"policy": policy})
    return redirect(policy)


def _open_round(policy: FinancePolicy, user: User) -> OpenRound | None:
    if policy.state != PolicyState.PROPOSED:
        return None
    return rounds().standing(POLICY_CHANGE, policy.pk, reader=user)


def _detail(request: HttpRequest, policy: FinancePolicy, *, status: int = 200) -> HttpResponse:
    user = acting_user(request)
    before = compared_with(policy)
    context = {
        "policy": policy,
        "before": before,
        "changes": differences(before.content, policy.content()),
        "decisions": decisions_of(policy.content()),
        "is_own": policy.proposed_by_id == user.pk,
        "asked": _open_round(policy, user),
        "is_in_force": policy.number == policy_on(tenant_of(user), timezone.localdate()).number,
    }
    return render(request, "policies/policy_detail.html", context, status=status)
