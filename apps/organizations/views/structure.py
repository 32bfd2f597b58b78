"""The organization, its legal entities and departments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.errors import FinanceError
from apps.organizations.access import (
    acting_user,
    departments_for,
    entities_for,
    permission_required,
    tenant_of,
)
from apps.organizations.forms import DepartmentForm, EntityForm, SettlementLimitForm
from apps.organizations.models import Organization
from apps.organizations.permissions import Permission
from apps.organizations.services.structure import (
    change_department,
    change_entity,
    change_settlement_limit,
    create_department,
    create_entity,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.forms import Form

_REFUSED = 422
_FORM_METHODS = ["GET", "POST", "HEAD"]


@require_safe
@permission_required(Permission.PEOPLE_VIEW)
def organization_detail(request: HttpRequest) -> HttpResponse:
    """Show the companies and departments of the organization."""
    user = acting_user(request)
    members = Count("members", filter=Q(members__is_active=True))
    context = {
        "organization": user.organization,
        "entities": entities_for(user).order_by("code").annotate(ledger_count=Count("ledgers")),
        "departments": departments_for(user)
        .select_related("head")
        .annotate(member_count=members)
        .order_by("code"),
    }
    return render(request, "organizations/organization_detail.html", context)


@require_http_methods(_FORM_METHODS)
@permission_required(Permission.ORGANIZATION_MANAGE)
def entity_create(request: HttpRequest) -> HttpResponse:
    """Add a company."""
    form = EntityForm(request.POST or None, is_new=True)

    def save(values: dict[str, Any]) -> str:
        entity = create_entity(actor=acting_user(request), **values)
        return _("Added %(thing)s.") % {"thing": entity}

    return _form_page(request, form, save, _("New legal entity"))


@require_http_methods(_FORM_METHODS)
@permission_required(Permission.ORGANIZATION_MANAGE)
def entity_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a company, at the version that was seen."""
    user = acting_user(request)
    entity = get_object_or_404(entities_for(user), pk=pk)
    fields = ("name", "name_zh", "functional_currency", "time_zone", "version")
    form = EntityForm(
        request.POST or None,
        is_new=False,
        initial={field: getattr(entity, field) for field in fields},
    )

    def save(values: dict[str, Any]) -> str:
        changed = change_entity(entity, actor=user, **values)
        return _("Saved %(thing)s.") % {"thing": changed}

    return _form_page(request, form, save, f"{entity.code} · {entity}")


@require_http_methods(_FORM_METHODS)
@permission_required(Permission.ORGANIZATION_MANAGE)
def department_create(request: HttpRequest) -> HttpResponse:
    """Add a department."""
    user = acting_user(request)
    form = DepartmentForm(request.POST or None, is_new=True, user=user)

    def save(values: dict[str, Any]) -> str:
        department = create_department(actor=user, **values)
        return _("Added %(thing)s.") % {"thing": department}

    return _form_page(request, form, save, _("New department"))


@require_http_methods(_FORM_METHODS)
@permission_required(Permission.ORGANIZATION_MANAGE)
def department_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a department, at the version that was seen."""
    user = acting_user(request)
    department = get_object_or_404(departments_for(user), pk=pk)
    fields = ("name", "name_zh", "head", "version")
    form = DepartmentForm(
        request.POST or None,
        is_new=False,
        user=user,
        initial={field: getattr(department, field) for field in fields},
    )

    def save(values: dict[str, Any]) -> str:
        changed = change_department(department, actor=user, **values)
        return _("Saved %(thing)s.") % {"thing": changed}

    return _form_page(request, form, save, f"{department.code} · {department}")


@require_http_methods(_FORM_METHODS)
@permission_required(Permission.ORGANIZATION_MANAGE)
def settlement_limit_edit(request: HttpRequest) -> HttpResponse:
    """Say from which amount on settlements wait for another person."""
    user = acting_user(request)
    organization = get_object_or_404(Organization, pk=tenant_of(user))
    limit = organization.settlement_limit
    initial = {
        "version": organization.version,
        "settlement_limit": None if limit is None else f"{limit.normalize():f}",
    }
    form = SettlementLimitForm(request.POST or None, initial=initial)

    def save_limit(values: dict[str, Any]) -> str:
        change_settlement_limit(
            organization,
            limit=values["settlement_limit"],
            version=values["version"],
            actor=user,
        )
        return _("Saved %(thing)s.") % {"thing": organization}

    return _form_page(request, form, save_limit, _("Limit of settlements"))


def _form_page(
    request: HttpRequest, form: Form, save: Callable[[dict[str, Any]], str], heading: str
) -> HttpResponse:
    """Save and go back to the organization, or show the form with what was refused."""
    status = 200
    if form.is_bound:
        status = _REFUSED
        if form.is_valid():
            try:
                messages.success(request, save(form.cleaned_data))
            except FinanceError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
                status = error.http_status
            else:
                return redirect("organizations:organization_detail")
    context = {"form": form, "heading": heading}
    return render(request, "organizations/structure_form.html", context, status=status)
