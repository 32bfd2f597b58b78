"""What a person may read of rates: the published ones and those of the own organization."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from apps.fx.models import ExchangeRate, ExchangeRateQuerySet, RateImport, RateState
from apps.organizations.access import tenant_of
from apps.organizations.models import User


def rates_for(user: User) -> ExchangeRateQuerySet:
    """Return the rates that the user's organization can use, or has entered."""
    return ExchangeRate.objects.visible_to(tenant_of(user))


def get_rate_for(user: User, pk: int) -> ExchangeRate:
    """Return one of them with its people, or 404."""
    rows = rates_for(user).select_related("entered_by", "confirmed_by", "organization")
    return get_object_or_404(rows, pk=pk)


def waiting_rates_for(user: User) -> ExchangeRateQuerySet:
    """Return the rates that wait for a second person, other than those of whole files."""
    rows = ExchangeRate.objects.filter(organization=tenant_of(user), state=RateState.WAITING)
    return rows.filter(rate_import=None).select_related("entered_by").order_by("pk")


def rate_imports_for(user: User) -> QuerySet[RateImport]:
    """Return the files that the user's organization brought, the newest first."""
    rows = RateImport.objects.filter(organization=tenant_of(user)).defer("content")
    return rows.select_related("entered_by", "decided_by").order_by("-pk")


def get_rate_import_for(user: User, pk: int) -> RateImport:
    """Return one of them, or 404."""
    return get_object_or_404(rate_imports_for(user), pk=pk)
