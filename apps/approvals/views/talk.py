"""What is said and shown about a request; none of it approves anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.approvals.access import get_request_attachment_for, get_request_for
from apps.approvals.services import talk
from apps.approvals.views.decisions import back_to
from apps.core.errors import FinanceError
from apps.core.files import sent_for_saving
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


@require_POST
@permission_required(Permission.APPROVAL_DECIDE)
def approval_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the maker something before deciding."""
    user, asked_for = acting_user(request), get_request_for(acting_user(request), pk)
    text = request.POST.get("text", "")
    done = _("%(person)s is asked; it goes on waiting for you.")
    return _say(
        request,
        pk,
        lambda: talk.ask(asked_for, text, actor=user),
        done % {"person": asked_for.maker.display_name()},
    )


@require_POST
@permission_required(Permission.APPROVAL_VIEW)
def approval_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer what one was asked about the own request."""
    user, asked_for = acting_user(request), get_request_for(acting_user(request), pk)
    text = request.POST.get("text", "")
    done = _("Your answer is with the people who decide.")
    return _say(request, pk, lambda: talk.answer(asked_for, text, actor=user), done)


@require_POST
@permission_required(Permission.APPROVAL_VIEW)
def approval_comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something about a request."""
    user, asked_for = acting_user(request), get_request_for(acting_user(request), pk)
    text = request.POST.get("text", "")
    done = _("Your comment is there for everybody who sees the request.")
    return _say(request, pk, lambda: talk.comment(asked_for, text, actor=user), done)


@require_POST
@permission_required(Permission.APPROVAL_VIEW)
def approval_attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a file with a request."""
    user, asked_for = acting_user(request), get_request_for(acting_user(request), pk)
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, _("Choose a file first."))
        return _back(request, pk)
    done = _("%(file)s is attached.") % {"file": file.name}
    return _say(request, pk, lambda: talk.attach(asked_for, file, actor=user), done)


@require_safe
@permission_required(Permission.APPROVAL_VIEW)
def request_attachment_download(request: HttpRequest, pk: int) -> FileResponse:
    """Send a file of a request for saving, with the type that its content has."""
    return sent_for_saving(get_request_attachment_for(acting_user(request), pk))


def _say(
    request: HttpRequest, pk: int, act: Callable[[], object], sentence: str
) -> HttpResponse:
    try:
        act()
    except FinanceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, sentence)
    return _back(request, pk)


def _back(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to the list where the request stood beside it, else to its own page."""
    if request.POST.get("back"):
        return redirect(back_to(request))
    return redirect("approvals:approval_detail", pk)
