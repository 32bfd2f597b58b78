"""How people get and change the own password: nobody else ever knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.views import PasswordChangeView, PasswordResetConfirmView
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.errors import FinanceError
from apps.core.operation import operation
from apps.organizations.access import (
    acting_user,
    people_for,
    permission_required,
    public_view,
    signed_in,
)
from apps.organizations.permissions import Permission
from apps.organizations.services.people import make_password_link

if TYPE_CHECKING:
    from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from apps.organizations.models import User

_REFUSED = 422
_FORM_METHODS = ["GET", "HEAD", "POST"]


class _Change(PasswordChangeView):
    """Django's change of the own password; other sessions of the person end."""

    template_name = "organizations/password_change.html"
    success_url = reverse_lazy("portal:home")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        """Save it as the person's own doing."""
        with operation("user.set_password", actor=self.request.user):
            response = super().form_valid(form)
        messages.success(self.request, _("Your password was changed."))
        return response

    def form_invalid(self, form: PasswordChangeForm) -> HttpResponse:
        """Show what is wrong; nothing was changed."""
        return self.render_to_response(self.get_context_data(form=form), status=_REFUSED)


class _Set(PasswordResetConfirmView):
    """Django's page behind a link; the token moves into the session and out of the URL."""

    template_name = "organizations/password_set.html"
    success_url = reverse_lazy("organizations:sign_in")

    def form_valid(self, form: SetPasswordForm[User]) -> HttpResponse:
        """Save it as the doing of the person whom the link names."""
        with operation("user.set_password", actor=self.user):
            response = super().form_valid(form)
        messages.success(self.request, _("Your password is set. Sign in with it now."))
        return response

    def form_invalid(self, form: SetPasswordForm[User]) -> HttpResponse:
        """Show what is wrong; nothing was changed."""
        return self.render_to_response(self.get_context_data(form=form), status=_REFUSED)


@require_http_methods(_FORM_METHODS)
@signed_in
def password_change(request: HttpRequest) -> HttpResponseBase:
    """Change the own password, by the old one."""
    return _Change.as_view()(request)


@require_http_methods(_FORM_METHODS)
@public_view
def password_set(request: HttpRequest, uidb64: str, token: str) -> HttpResponseBase:
    """Set a password by a link from an administrator."""
    return _Set.as_view()(request, uidb64=uidb64, token=token)


@require_POST
@permission_required(Permission.PEOPLE_MANAGE)
def password_link_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a link by which a person sets a password; it is shown this once."""
    person = get_object_or_404(people_for(acting_user(request)), pk=pk)
    try:
        uid, token = make_password_link(person, actor=acting_user(request))
    except FinanceError as error:
        messages.error(request, str(error))
        return redirect("organizations:person_detail", pk=person.pk)
    path = reverse("organizations:password_set", args=(uid, token))
    context = {"person": person, "link": request.build_absolute_uri(path)}
    return render(request, "organizations/password_link_create.html", context)
