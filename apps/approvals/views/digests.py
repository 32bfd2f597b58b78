"""The digest by e-mail: whether it comes, when, and what became of the one of today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.approvals.forms.digests import DAILY, OFF, DigestForm
from apps.approvals.services.digest_post import MOST_ATTEMPTS, digest_today
from apps.approvals.services.digests import digest_of, preference_of, save_digest_preference
from apps.core.errors import FinanceError
from apps.organizations.access import acting_user, permission_required
from apps.organizations.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

REFUSED = 422


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.APPROVAL_DECIDE)
def digest_settings(request: HttpRequest) -> HttpResponse:
    """Show and keep what the reader wants; the link at the foot of each digest leads here."""
    user = acting_user(request)
    now = preference_of(user)
    first = {"frequency": DAILY if now.is_wanted else OFF, "hour": now.hour}
    form = DigestForm(request.POST or None, initial=first | {"version": now.version})
    if form.is_valid():
        try:
            save_digest_preference(
                actor=user,
                is_wanted=form.cleaned_data["frequency"] == DAILY,
                hour=form.cleaned_data["hour"],
                version=form.cleaned_data["version"],
            )
        except FinanceError as error:
            form.take(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("approvals:digest_settings")
    context = {
        "form": form,
        "digest": digest_of(user),
        "today": digest_today(user),
        "most_attempts": MOST_ATTEMPTS,
        "sends_mail": settings.MAIL is not None,
    }
    status = REFUSED if form.errors else 200
    return render(request, "approvals/digest_settings.html", context, status=status)
