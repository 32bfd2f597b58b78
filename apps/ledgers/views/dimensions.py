"""Pages of dimensions 辅助核算."""

from __future__ import annotations

import hashlib

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q, Sum
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_http_methods, require_safe

from apps.core.errors import FinanceError
from apps.ledgers.access import (
    dimension_types_for,
    dimension_values_for,
    get_dimension_value_for,
    get_ledger_for,
)
from apps.ledgers.forms.dimension_form import (
    DimensionFilterForm,
    DimensionOwnerForm,
    DimensionValueForm,
)
from apps.ledgers.services.dimensions import (
    change_dimension_owner,
    create_dimension_value,
)
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission

PAGE_SIZE = 100
_REFUSED = 422


@require_safe
@permission_required(Permission.LEDGER_VIEW)
def dimension_list(request: HttpRequest, ledger: str) -> HttpResponse:
    """Show dimensions, and the values of one or all of them."""
    user = acting_user(request)
    books = get_ledger_for(user, ledger)
    form = DimensionFilterForm(request.GET)
    text = form.cleaned_data["q"].strip() if form.is_valid() else ""
    chosen = request.GET.get("type", "")
    values = dimension_values_for(user).filter(type__code=chosen) if chosen else (
        dimension_values_for(user)
    )  # fmt: skip
    if text:
        values = values.filter(
            Q(code__istartswith=text)
            | Q(name__icontains=text)
            | Q(name_zh__icontains=text)
            | Q(initials__icontains=text.lower())
        )
    context = {
        "ledger": books,
        "form": form,
        "types": dimension_types_for(user).annotate(value_count=Count("values")),
        "chosen": chosen,
        "page": Paginator(values.order_by("type__code", "code"), PAGE_SIZE).get_page(
            request.GET.get("page")
        ),
    }
    status = 200 if form.is_valid() else _REFUSED
    return render(request, "ledgers/dimension_list.html", context, status=status)


@require_http_methods(["GET", "POST", "HEAD"])
@permission_required(Permission.ACCOUNT_MANAGE)
def dimension_value_create(request: HttpRequest, ledger: str) -> HttpResponse:
    """Add a value of a dimension."""
    user = acting_user(request)
    books = get_ledger_for(user, ledger)
    kind = dimension_types_for(user).filter(code=request.GET.get("type", "")).first()
    form = DimensionValueForm(request.POST or None, user=user, initial={"type": kind})
    if form.is_valid():
        values = form.cleaned_data
        try:
            value = create_dimension_value(
                values["type"],
                code=values["code"],
                name=values["name"],
                name_zh=values["name_zh"],
                owner=values["owner"],
                actor=user,
            )
        except FinanceError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(
                request, _("Added %(value)s.") % {"value": f"{value.code} {value}"}
            )
            return redirect("ledgers:dimension_list", books.code)
    context = {"ledger": books, "form": form}
    status = _REFUSED if form.is_bound else 200
    return render(request, "ledgers/dimension_value_create.html", context, status=status)


@require_http_methods(["GET", "POST", "HEAD"])
@permission_required(Permission.ACCOUNT_MANAGE)
def dimension_owner_edit(request: HttpRequest, ledger: str, pk: int) -> HttpResponse:
    """Say who answers for what is booked on a value."""
    user = acting_user(request)
    books, value = get_ledger_for(user, ledger), get_dimension_value_for(user, pk)
    form = DimensionOwnerForm(
        request.POST or None,
        user=user,
        initial={"owner": value.owner_id, "version": value.version},
    )
    status = _REFUSED if form.is_bound else 200
    if form.is_valid():
        version = form.cleaned_data["version"]
        try:
            change_dimension_owner(
                value, form.cleaned_data["owner"], version=version, actor=user
            )
        except FinanceError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            status = error.http_status
        else:
            messages.success(
                request, _("Saved the owner of %(value)s.") % {"value": f"{value.code} {value}"}
            )
            return redirect("ledgers:dimension_list", books.code)
    context = {"ledger": books, "value": value, "form": form}
    return render(request, "ledgers/dimension_owner_edit.html", context, status=status)


def _options_etag(request: HttpRequest, ledger: str) -> str:
    """Return what changes whenever an option does, without reading the options."""
    user = acting_user(request)
    stamp = dimension_values_for(user).aggregate(Count("pk"), Sum("version"), Max("updated_at"))
    stamp |= dimension_types_for(user).aggregate(types=Count("pk"), named=Sum("version"))
    text = f"{user.organization_id} {ledger} {get_language()} {sorted(stamp.items())}"
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


@require_safe
@permission_required(Permission.LEDGER_VIEW)
@condition(etag_func=_options_etag)
def dimension_options(request: HttpRequest, ledger: str) -> JsonResponse:
    """Give the active values for the picker: [code, name, dimension, initials]."""
    user = acting_user(request)
    get_ledger_for(user, ledger)
    types = {kind.pk: kind.label for kind in dimension_types_for(user)}
    values = dimension_values_for(user).filter(is_active=True).select_related(None)
    options = [
        [value.code, value.label, types[value.type_id], value.initials]
        for value in values.order_by("code")
    ]
    return JsonResponse(options, safe=False, headers={"Cache-Control": "private, no-cache"})
