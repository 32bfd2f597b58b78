"""Sign-in and sign-out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.operation import operation
from apps.organizations.access import public_view, with_roles
from apps.organizations.models import RoleAssignment, User

if TYPE_CHECKING:
    from django.contrib.auth.forms import AuthenticationForm

_REFUSED = 422


class _SignIn(LoginView):
    """Django's sign-in, which rotates the session and checks where `next` leads."""

    template_name = "organizations/sign_in.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the people of the demo."""
        return super().get_context_data(**kwargs) | {"demo_accounts": _demo_accounts()}

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign in; what changes with it, such as the moment, is the person's own doing."""
        with operation("session.sign_in", actor=form.get_user()):
            return super().form_valid(form)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Show the form again; nothing was signed in."""
        return self.render_to_response(self.get_context_data(form=form), status=_REFUSED)


@public_view
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Sign in by user name and password."""
    return _SignIn.as_view()(request)


@public_view
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def _demo_accounts() -> list[dict[str, object]]:
    """Return one person for each set of roles, only where the demo runs on this machine."""
    if not settings.DEMO_PASSWORD:
        return []
    people = with_roles(
        User.objects.filter(
            is_active=True, pk__in=RoleAssignment.objects.held().values("user")
        ).order_by("pk")
    )
    accounts: dict[str, str] = {}
    for person in people:
        role = ", ".join(str(held.get_role_display()) for held in _roles_of(person))
        accounts.setdefault(role, person.username)
    return [
        {"username": username, "role": role, "password": settings.DEMO_PASSWORD}
        for role, username in accounts.items()
    ]


def _roles_of(person: User) -> list[RoleAssignment]:
    return list(getattr(person, "held_roles", ()))
