"""Who may see and do what.

Every view carries one of the decorators below and every read goes through a function that
takes the user; a test walks all URLs and fails on a view without a stated permission.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.core.errors import Forbidden
from apps.organizations.models import (
    Department,
    LegalEntity,
    RoleAssignment,
    RoleAssignmentQuerySet,
    User,
)
from apps.organizations.permissions import (
    DEFAULT_APPROVAL_LIMITS,
    MATRIX,
    Permission,
    Role,
)

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def has_permission(user: Any, permission: Permission) -> bool:
    """Say whether any role of the user allows it; superusers get nothing from the flag."""
    if not user.is_authenticated or not user.is_active or user.organization_id is None:
        return False
    return bool(MATRIX[permission] & user.roles())


def require(user: User, permission: Permission) -> None:
    """Check a permission inside a service.

    Raises:
        Forbidden: no role of the user allows it.
    """
    if not has_permission(user, permission):
        raise Forbidden


def acting_user(request: HttpRequest) -> User:
    """Return the signed-in user of a view that a decorator guards."""
    return cast("User", request.user)


def permission_required(*permissions: Permission) -> Callable[[View], View]:
    """Let a view run only for users with any of the permissions; state it on the view."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not any(has_permission(request.user, permission) for permission in permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.permission = frozenset(permissions)  # type: ignore[attr-defined]
        return cast("View", guarded)

    return decorate


def signed_in(view: View) -> View:
    """Let a view run for anybody who is signed in, whatever the roles."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    guarded.permission = "signed_in"  # type: ignore[attr-defined]
    return cast("View", guarded)


def public_view(view: View) -> View:
    """State that a view is open to everybody."""
    view.permission = "public"  # type: ignore[attr-defined]
    return view


def approval_limit(
    user: User, of_roles: Mapping[Role, Decimal | None] = DEFAULT_APPROVAL_LIMITS
) -> Decimal | None:
    """Return up to which amount the user may approve; None is without limit, 0 nothing.

    `of_roles` are the limits of the roles. The widest of the held roles counts; an
    assignment's own limit beats its role's.
    """
    limits = [
        assignment.approval_limit
        if assignment.approval_limit is not None
        else of_roles[Role(assignment.role)]
        for assignment in user.assignments()
        if Role(assignment.role) in MATRIX[Permission.ENTRY_APPROVE]
    ]
    if not limits:
        return Decimal(0)
    return None if None in limits else max(limit for limit in limits if limit is not None)


def tenant_of(user: User) -> int:
    """Return the key of the user's organization; 0, which no row has, for none."""
    return user.organization_id or 0


def people_for(user: User) -> QuerySet[User]:
    """Return the users of the user's organization."""
    return User.objects.filter(organization=tenant_of(user))


def role_assignments_for(user: User) -> RoleAssignmentQuerySet:
    """Return the role assignments of the user's organization, with their people."""
    return RoleAssignment.objects.filter(user__organization=tenant_of(user)).select_related(
        "user"
    )


def entities_for(user: User) -> QuerySet[LegalEntity]:
    """Return the companies of the user's organization."""
    return LegalEntity.objects.filter(organization=tenant_of(user))


def departments_for(user: User) -> QuerySet[Department]:
    """Return the departments of the user's organization."""
    return Department.objects.filter(organization=tenant_of(user))


def with_roles(people: QuerySet[User]) -> QuerySet[User]:
    """Let each person carry the roles held now, as `held_roles`."""
    roles = Prefetch(
        "role_assignments", RoleAssignment.objects.held().order_by("role"), "held_roles"
    )
    return people.select_related("department", "organization").prefetch_related(roles)
