"""Steps of one break, and its files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.core.errors import FinanceError
from apps.core.files import sent_for_saving
from apps.organizations.access import acting_user, permission_required
from apps.organizations.models import User
from apps.organizations.permissions import Permission
from apps.reconciliation.access import get_break_attachment_for, get_break_for
from apps.reconciliation.errors import BreakIsTaken
from apps.reconciliation.forms.matching import BreakStepForm
from apps.reconciliation.models import Break
from apps.reconciliation.services.break_steps import (
    accept_suggestion,
    attach,
    comment,
    dispute,
    mark_duplicate,
    open_again,
    wait_until,
)
from apps.reconciliation.services.break_writing_off import drop_write_off

Step = Callable[[Break, dict[str, Any], User], object]


def _wait(found: Break, typed: dict[str, Any], user: User) -> object:
    day = typed["day"] or date.min
    step = {"version": typed["version"] or 0, "reason": typed["reason"], "actor": user}
    return wait_until(found, day, **step)


def _by(service: Callable[..., object]) -> Step:
    def step(found: Break, typed: dict[str, Any], user: User) -> object:
        return service(found, version=typed["version"] or 0, reason=typed["reason"], actor=user)

    return step


def _attach(found: Break, typed: dict[str, Any], user: User) -> object:
    return attach(found, typed["file"], actor=user) if typed["file"] else None


def _drop(found: Break, _typed: dict[str, Any], user: User) -> object:
    if found.write_off is None:
        raise BreakIsTaken(what="")
    return drop_write_off(found.write_off, version=found.write_off.version, actor=user)


_STEPS: dict[str, Step] = {
    "wait": _wait,
    "dispute": _by(dispute),
    "duplicate": _by(mark_duplicate),
    "open": _by(open_again),
    "accept": lambda found, typed, user: accept_suggestion(
        found, version=typed["version"] or 0, actor=user
    ),
    "comment": lambda found, typed, user: comment(found, typed["reason"], actor=user),
    "attach": _attach,
    "drop": _drop,
}


@require_POST
@permission_required(Permission.RECONCILIATION_RUN)
def break_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Do one step of a break, at the version that was seen."""
    user = acting_user(request)
    found = get_break_for(user, pk)
    form = BreakStepForm(request.POST, request.FILES)
    step = _STEPS.get(request.POST.get("act", ""))
    if step is None or not form.is_valid():
        messages.error(request, _("Nothing was changed: look at what you wrote."))
        return redirect(found)
    try:
        step(found, form.cleaned_data, user)
    except FinanceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Saved."))
    return redirect(found)


@require_safe
@permission_required(Permission.RECONCILIATION_VIEW)
def break_attachment_download(request: HttpRequest, pk: int) -> FileResponse:
    """Send a file of a break for saving, with the type that its content has."""
    return sent_for_saving(get_break_attachment_for(acting_user(request), pk))
