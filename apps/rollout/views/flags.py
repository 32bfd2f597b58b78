"""Looking at rollouts: the list, one of them, its rehearsal, its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.organizations.access import acting_user, departments_for, permission_required
from apps.organizations.permissions import Permission
from apps.rollout.access import exposures_for, flags_for, get_flag_for
from apps.rollout.domain.comparison import LEAST_DEPARTMENTS, compare
from apps.rollout.forms import PercentForm, ShareForm
from apps.rollout.models import Flag
from apps.rollout.services.guardrails import limits_of
from apps.rollout.services.overview import Overview, Place, look_at, rehearse
from apps.rollout.services.providers import WINDOW
from apps.rollout.services.ramps import planned_steps, steps_of
from apps.rollout.services.wording import (
    MEASURE_LABELS,
    breach_in_words,
    change_in_words,
    reason_in_words,
    rows_of,
    with_unit,
)
from apps.rollout.words import OverrideMode

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

DEPARTMENTS_PER_PAGE = 50
CHANGES_PER_PAGE = 50
REFUSED = 422


@require_safe
@permission_required(Permission.ROLLOUT_VIEW)
def flag_list(request: HttpRequest) -> HttpResponse:
    """Show the rollouts of the organization, and how far each has come."""
    overviews = [look_at(flag) for flag in flags_for(acting_user(request)).order_by("name")]
    rows = [(one, next(iter(planned_steps(one.flag)), None)) for one in overviews]
    return render(request, "rollout/flag_list.html", {"rows": rows})


@require_safe
@permission_required(Permission.ROLLOUT_VIEW)
def flag_detail(request: HttpRequest, name: str) -> HttpResponse:
    """Show one rollout: who has it, its ramp, and whether the new flow is healthy."""
    user = acting_user(request)
    flag = get_flag_for(user, name)
    overview = look_at(flag)
    initial = {"percent": flag.percent, "version": flag.version}
    context = {
        "flag": flag,
        "overview": overview,
        "form": ShareForm(initial=initial),
        "rehearsal": rehearse(overview),
        "steps": steps_of(flag),
        "breaches": [breach_in_words(breach) for breach in flag.halt_detail],
        "exposure_count": exposures_for(user, flag).count(),
        **_departments(request, overview),
        **_health(overview),
    }
    return render(request, "rollout/flag_detail.html", context)


@require_safe
@permission_required(Permission.ROLLOUT_VIEW)
def flag_rehearsal(request: HttpRequest, name: str) -> HttpResponse:
    """Show who would move at another share: a fragment that changes nothing."""
    flag = get_flag_for(acting_user(request), name)
    form = PercentForm(request.GET)
    if not form.is_valid():
        return render(request, "rollout/_rehearsal.html", {"form": form}, status=REFUSED)
    percent = form.cleaned_data["percent"]
    context = {
        "flag": flag,
        "percent": percent,
        "rehearsal": rehearse(look_at(flag), percent=percent),
    }
    return render(request, "rollout/_rehearsal.html", context)


@require_safe
@permission_required(Permission.ROLLOUT_VIEW)
def flag_history(request: HttpRequest, name: str) -> HttpResponse:
    """Show every version of a rollout: who changed what, and why."""
    user = acting_user(request)
    flag = get_flag_for(user, name)
    versions = flag.history.select_related("updated_by").order_by("-version")
    page = Paginator(versions, CHANGES_PER_PAGE).get_page(request.GET.get("page"))
    names = {one.pk: str(one) for one in departments_for(user)}
    rows = [
        (version, change_in_words(version, names), reason_in_words(version.change_reason))
        for version in page.object_list
    ]
    context = {"flag": flag, "page_obj": page, "rows": rows}
    return render(request, "rollout/flag_history.html", context)


def _departments(request: HttpRequest, overview: Overview) -> dict[str, Any]:
    """Return the rows of the table of departments, by the filter of the URL."""
    shown = request.GET.get("show", "")
    found = [place for place in overview.places if _is_shown(place, shown)]
    page = Paginator(found, DEPARTMENTS_PER_PAGE).get_page(request.GET.get("page"))
    return {"page_obj": page, "shown": shown}


def _is_shown(place: Place, shown: str) -> bool:
    wanted = {
        "v2": place.choice.is_on,
        "v1": not place.choice.is_on,
        "pinned": place.mode != OverrideMode.FOLLOW,
    }
    return wanted.get(shown, True)


def _health(overview: Overview) -> dict[str, Any]:
    """Return both flows side by side; nothing where nobody tells of requests."""
    context: dict[str, Any] = {"limits": _limits(overview.flag), "days": WINDOW.days}
    if overview.outcomes is None:
        return context
    comparison = compare(overview.outcomes)
    return context | {
        "comparison": comparison,
        "measures": rows_of(comparison),
        "least_departments": LEAST_DEPARTMENTS,
    }


def _limits(flag: Flag) -> list[tuple[str, str]]:
    watched = limits_of(flag).watched()
    return [
        (str(MEASURE_LABELS[measure]), with_unit(measure, limit))
        for measure, limit in watched.items()
    ]
