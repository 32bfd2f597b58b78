"""Pages to look at rates: the table, one pair, the converter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.core.errors import FinanceError
from apps.core.exports import ColumnKind, csv_response, xlsx_response
from apps.fx.access import rate_imports_for, rates_for, waiting_rates_for
from apps.fx.forms import ConvertForm, RateFilterForm, today_as_text
from apps.fx.models import RateImport, RateType
from apps.fx.services.lookup import cache_state, convert, find_rate
from apps.fx.services.rate_course import DEFAULT_SPAN, SPANS, rate_course
from apps.fx.services.rate_table import PairRow, rate_table
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.core.exports import Cell
    from apps.organizations.models import Organization

REFUSED = 422
PAGE_SIZE = 50
_PAIR = re.compile(r"([A-Z]{3})-([A-Z]{3})", re.ASCII)
_KINDS = (
    ColumnKind.TEXT, ColumnKind.TEXT, ColumnKind.TEXT, ColumnKind.INTEGER, ColumnKind.TEXT,
    ColumnKind.DATE, ColumnKind.INTEGER, ColumnKind.TEXT, ColumnKind.INTEGER,
)  # fmt: skip


@require_safe
@permission_required(Permission.RATE_VIEW)
def rate_list(request: HttpRequest) -> HttpResponse:
    """Show the newest rate of every pair, and what waits for a second person."""
    user = acting_user(request)
    form = RateFilterForm(request.GET)
    context = {
        "form": form,
        "rows": _rows(request, form),
        "waiting": waiting_rates_for(user),
        "waiting_imports": rate_imports_for(user).filter(state=RateImport.State.WAITING),
        "cache": cache_state(),
    }
    return render(
        request, "fx/rate_list.html", context, status=200 if form.is_valid() else REFUSED
    )


@require_safe
@permission_required(Permission.RATE_VIEW)
def rate_export(request: HttpRequest) -> HttpResponseBase:
    """Answer with the table as CSV or XLSX."""
    form = RateFilterForm(request.GET)
    rows = _cells(_rows(request, form))
    if request.GET.get("format") == "xlsx":
        return xlsx_response("exchange-rates.xlsx", _headings(), rows, _KINDS)
    return csv_response("exchange-rates.csv", _headings(), rows)


@require_safe
@permission_required(Permission.RATE_VIEW)
def pair_detail(request: HttpRequest, pair: str) -> HttpResponse:
    """Show the course of a pair, every revision, and who confirmed it."""
    found = _PAIR.fullmatch(pair)
    if not found:
        raise Http404
    one, other = found.groups()
    rate_type = _choice(request, "type", RateType.values, RateType.SPOT.value)
    span = _choice(request, "span", list(SPANS), DEFAULT_SPAN)
    rates = rates_for(acting_user(request)).filter(from_currency=one, to_currency=other)
    types = set(rates.values_list("rate_type", flat=True).order_by().distinct())
    if not types:
        raise Http404
    history = rates.filter(rate_type=rate_type).select_related("entered_by", "confirmed_by")
    rows = history.order_by("-valid_from", "-revision", "-pk")
    course = rate_course(
        _organization(request),
        (one, other),
        rate_type=rate_type,
        span=span,
        today=timezone.localdate(),
    )
    context = {
        "one": one,
        "other": other,
        "rate_type": rate_type,
        "types": [kind for kind in RateType if kind.value in types],
        "span": span,
        "spans": [(name, label) for name, (_length, label) in SPANS.items()],
        "course": course,
        "chart": course.chart if course else None,
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "fx/pair_detail.html", context)


@require_safe
@permission_required(Permission.RATE_VIEW)
def rate_convert(request: HttpRequest) -> HttpResponse:
    """Convert an amount, and show by which rate."""
    asked = bool(request.GET.get("amount"))
    initial = {"from_currency": "USD", "to_currency": "CNY", "on": today_as_text()}
    form = ConvertForm(request.GET if asked else None, initial=initial)
    context: dict[str, Any] = {"form": form}
    if asked and form.is_valid():
        data = form.cleaned_data
        try:
            found = find_rate(
                _organization(request),
                data["from_currency"],
                data["to_currency"],
                on=data["on"],
                rate_type=data["rate_type"],
            )
        except FinanceError as error:
            form.add_error(None, str(error))
        else:
            legs = rates_for(acting_user(request)).in_bulk(found.rate_ids)
            context |= {
                "found": found,
                "result": convert(data["number"], found),
                "number": data["number"],
                "legs": [legs[pk] for pk in found.rate_ids],
            }
    status = REFUSED if form.errors else 200
    return render(request, "fx/rate_convert.html", context, status=status)


def _rows(request: HttpRequest, form: RateFilterForm) -> list[PairRow]:
    wanted = form.cleaned_data if form.is_valid() else {}
    return rate_table(
        _organization(request),
        today=timezone.localdate(),
        rate_type=wanted.get("rate_type", ""),
        text=wanted.get("q", ""),
        with_ended=wanted.get("ended", False),
    )


def _organization(request: HttpRequest) -> Organization:
    """Return the organization of a person whom a permission let in."""
    return cast("Organization", acting_user(request).organization)


def _choice(request: HttpRequest, name: str, known: list[str], default: str) -> str:
    value = request.GET.get(name, "")
    return value if value in known else default


def _headings() -> list[str]:
    return [
        _("From currency"), _("To currency"), _("Rate type"), _("Per"), _("Rate"),
        _("Valid from"), _("Age in days"), _("Source"), _("Revision"),
    ]  # fmt: skip


def _cells(rows: list[PairRow]) -> Iterator[list[Cell]]:
    for row in rows:
        yield [
            row.from_currency,
            row.to_currency,
            row.type_label,
            row.per,
            f"{row.rate:f}",
            row.valid_from,
            row.age_days,
            row.source,
            row.revision,
        ]
