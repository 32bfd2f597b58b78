"""Pages of the portal."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.ledgers.access import get_ledger_for
from apps.organizations.access import (
    acting_user,
    has_permission,
    permission_required,
    public_view,
    signed_in,
)
from apps.organizations.permissions import Permission
from apps.portal import work
from apps.portal.context import LEDGER_KEY, THEME_COOKIE, THEMES, Shell
from apps.portal.health import check_health
from apps.portal.metrics import CONTENT_TYPE_LATEST, metrics_text
from apps.portal.services import Preferences, save_preferences
from apps.reports.services.activity import activity_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from apps.ledgers.models import Ledger
    from apps.organizations.models import User

_TEXT = "text/plain; charset=utf-8"
_YEAR = int(timedelta(days=365).total_seconds())
_LANGUAGES = {code for code, _name in settings.LANGUAGES}


@require_safe
@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits for the person; takes on the person's language in a new browser."""
    user = acting_user(request)
    is_new_browser = settings.LANGUAGE_COOKIE_NAME not in request.COOKIES
    language = user.language if is_new_browser and user.language in _LANGUAGES else ""
    if language:
        translation.activate(language)
    shell = Shell(request)
    response = render(
        request, "portal/home.html", {"shell": shell, **_work_of(user, shell.ledgers)}
    )
    if language:
        _set_cookie(response, settings.LANGUAGE_COOKIE_NAME, language)
    return response


def _work_of(user: User, ledgers: list[Ledger]) -> dict[str, Any]:
    """Gather the lists that the person's roles ask for; the others stay away."""
    lists: dict[str, Any] = {"periods": work.periods_in_work(ledgers)} if ledgers else {}
    may_approve = has_permission(user, Permission.ENTRY_APPROVE)
    may_post = has_permission(user, Permission.ENTRY_POST)
    if may_approve and may_post:
        lists["to_approve"], lists["to_post"] = work.entries_in_queues(user, ledgers)
    elif may_approve:
        lists["to_approve"] = work.entries_to_approve(user, ledgers)
    elif may_post:
        lists["to_post"] = work.entries_to_post(ledgers)
    if has_permission(user, Permission.PERIOD_REOPEN_APPROVE):
        lists["reopenings"] = work.reopenings_to_decide(user, ledgers)
    if has_permission(user, Permission.ENTRY_DRAFT):
        lists["returned"], lists["drafts"] = work.own_drafts(user, ledgers)
        lists["imports"] = work.latest_imports(user, ledgers)
    return lists | _beside(user)


def _beside(user: User) -> dict[str, Any]:
    """Gather what asks the person beside entries and periods."""
    asked: dict[str, tuple[Permission, Callable[[User], Any]]] = {
        "alerts": (Permission.RECONCILIATION_RUN, work.open_alerts),
        "rules": (Permission.RECONCILIATION_RULES, work.rules_to_activate),
        "halted": (Permission.ROLLOUT_MANAGE, work.halted_rollouts),
    }
    return {
        name: found(user)
        for name, (permission, found) in asked.items()
        if has_permission(user, permission)
    }


@require_safe
@permission_required(Permission.REPORT_VIEW)
def activity(request: HttpRequest) -> HttpResponse:
    """Show what happened in the last thirty days: a page, or the part that home asks for."""
    cards = activity_of(Shell(request).ledgers, until=timezone.localdate())
    is_part = "HX-Request" in request.headers
    page = "portal/_activity.html" if is_part else "portal/activity.html"
    return render(request, page, {"activity": cards})


@require_safe
@never_cache
@public_view
def metrics(request: HttpRequest) -> HttpResponse:
    """Tell Prometheus its figures, if it shows the token; without one set, tell nobody."""
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    wanted = settings.METRICS_TOKEN
    if not wanted or not constant_time_compare(shown, wanted):
        headers = {"WWW-Authenticate": "Bearer"}
        return HttpResponse("metrics need a token\n", _TEXT, 401, headers=headers)
    return HttpResponse(metrics_text(), CONTENT_TYPE_LATEST)


@require_safe
@never_cache
@public_view
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  (a view's signature)
    """Answer whether the system works: 200, or 503 when no page can be served."""
    health = check_health()
    answer = {
        "status": health.status,
        "version": settings.VERSION,
        "database": health.database,
        "redis": health.redis,
        "worker": health.worker,
    }
    is_down = health.status == "down"
    return JsonResponse(
        answer, status=HTTPStatus.SERVICE_UNAVAILABLE if is_down else HTTPStatus.OK
    )


@require_POST
@public_view
def set_preferences(request: HttpRequest) -> HttpResponse:
    """Keep language, theme and keys, in cookies for this browser and with the person."""
    chosen = _chosen(request)
    if request.user.is_authenticated:
        save_preferences(acting_user(request), chosen)
    if request.headers.get("X-Requested-With") == "fetch":
        response = HttpResponse(status=HTTPStatus.NO_CONTENT)
    else:
        response = redirect(_next_path(request))
    if chosen.theme:
        _set_cookie(response, THEME_COOKIE, chosen.theme)
    if chosen.language:
        _set_cookie(response, settings.LANGUAGE_COOKIE_NAME, chosen.language)
    return response


def _chosen(request: HttpRequest) -> Preferences:
    """Read the choices; anything that is not on offer is as good as not chosen."""
    theme, language = request.POST.get("theme"), request.POST.get("language")
    return Preferences(
        theme=theme if theme in THEMES else None,
        language=language if language in _LANGUAGES else None,
        has_single_key_shortcuts={"on": True, "off": False}.get(
            request.POST.get("single_keys", "")
        ),
    )


def _set_cookie(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _next_path(request: HttpRequest) -> str:
    """Return where to go on: a path of ours, else home."""
    path = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(path, {request.get_host()}, request.is_secure())
    return path if is_ours else reverse("portal:home")


@require_POST
@permission_required(Permission.LEDGER_VIEW)
def ledger_switch(request: HttpRequest) -> HttpResponse:
    """Choose another ledger and show the same page there, where there is one."""
    ledger = get_ledger_for(acting_user(request), request.POST.get("ledger", ""))
    request.session[LEDGER_KEY] = ledger.code
    return redirect(_same_page(_next_path(request), ledger.code))


def _same_page(path: str, ledger: str) -> str:
    """Return the page's address in another ledger; a single entry has none there."""
    try:
        match = resolve(urlsplit(path).path)
    except Resolver404:
        return reverse("portal:home")
    if "ledger" not in match.kwargs:
        return path
    if len(match.kwargs) > 1:
        return reverse("ledgers:journal_entry_list", args=(ledger,))
    return reverse(match.view_name, kwargs={"ledger": ledger})
