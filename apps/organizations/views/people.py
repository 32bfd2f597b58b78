"""People, their roles, and the permission matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.errors import FinanceError
from apps.organizations.access import (
    acting_user,
    people_for,
    permission_required,
    role_assignments_for,
    with_roles,
)
from apps.organizations.forms import (
    AccessForm,
    LimitForm,
    PersonFilterForm,
    PersonForm,
    RoleGrantForm,
    VersionForm,
)
from apps.organizations.models import RoleAssignment, User
from apps.organizations.permissions import (
    CONFLICTING_ROLES,
    DEFAULT_APPROVAL_LIMITS,
    MATRIX,
    PERMISSION_LABELS,
    Permission,
    Role,
)
from apps.organizations.services.people import (
    add_person,
    change_approval_limit,
    change_user_access,
    grant_role,
    revoke_role,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.forms import Form

PEOPLE_PER_PAGE = 50
REFUSED = 422


@require_safe
@permission_required(Permission.PEOPLE_VIEW)
def person_list(request: HttpRequest) -> HttpResponse:
    """Show the people of the organization with their roles."""
    form = PersonFilterForm(request.GET or None)
    people = with_roles(people_for(acting_user(request)).order_by("username"))
    if form.is_bound and form.is_valid():
        people = _filtered(people, form.cleaned_data)
    page = Paginator(people, PEOPLE_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "organizations/person_list.html", {"form": form, "page_obj": page})


@require_http_methods(["GET", "POST", "HEAD"])
@permission_required(Permission.PEOPLE_MANAGE)
def person_create(request: HttpRequest) -> HttpResponse:
    """Add a person; roles and the password link are given on the page of the person."""
    user = acting_user(request)
    form = PersonForm(request.POST or None, user=user)
    status = REFUSED if form.is_bound else 200
    if form.is_valid():
        try:
            person = add_person(actor=user, **form.cleaned_data)
        except FinanceError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            status = error.http_status
        else:
            messages.success(
                request,
                _("Added %(person)s. Give a role and a password link.")
                % {"person": person.display_name()},
            )
            return redirect("organizations:person_detail", pk=person.pk)
    context = {"form": form, "heading": _("New person")}
    return render(request, "organizations/person_create.html", context, status=status)


@require_safe
@permission_required(Permission.PEOPLE_VIEW)
def person_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a person, the roles held now and before, and forms to change them."""
    return _person_page(request, _person(request, pk))


@require_POST
@permission_required(Permission.PEOPLE_MANAGE)
def role_grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a person a role."""
    person = _person(request, pk)

    def grant(values: dict[str, Any]) -> str:
        limit = values["approval_limit"]
        role = Role(values["role"])
        grant_role(person, role, actor=acting_user(request), approval_limit=limit)
        return _("%(person)s is %(role)s now.") % _names(person, role)

    return _changed(request, person, RoleGrantForm(request.POST), grant)


@require_POST
@permission_required(Permission.PEOPLE_MANAGE)
def role_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a role away, at the version that was seen."""
    assignment = _assignment(request, pk)

    def revoke(values: dict[str, Any]) -> str:
        revoke_role(assignment, version=values["version"], actor=acting_user(request))
        names = _names(assignment.user, Role(assignment.role))
        return _("%(person)s is not %(role)s any more.") % names

    return _changed(request, assignment.user, VersionForm(request.POST), revoke)


@require_POST
@permission_required(Permission.PEOPLE_MANAGE)
def limit_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change up to which amount somebody approves, at the version that was seen."""
    assignment = _assignment(request, pk)

    def change(values: dict[str, Any]) -> str:
        change_approval_limit(
            assignment,
            values["approval_limit"],
            version=values["version"],
            actor=acting_user(request),
        )
        return _("The approval limit was changed.")

    return _changed(request, assignment.user, LimitForm(request.POST), change)


@require_POST
@permission_required(Permission.PEOPLE_MANAGE)
def access_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a person sign in or not; the sessions of a leaver end at once."""
    person = _person(request, pk)

    def change(values: dict[str, Any]) -> str:
        change_user_access(person, actor=acting_user(request), **values)
        if person.is_active:
            return _("%(person)s may sign in.") % {"person": person.display_name()}
        return _("%(person)s is signed out and may not sign in.") % {
            "person": person.display_name()
        }

    return _changed(request, person, AccessForm(request.POST), change)


@require_safe
@permission_required(Permission.PEOPLE_VIEW)
def permission_matrix(request: HttpRequest) -> HttpResponse:
    """Show what each role may do, which roles stay apart, and who holds what."""
    held = role_assignments_for(acting_user(request)).held().order_by("user__username")
    holders: dict[str, list[RoleAssignment]] = {role: [] for role in Role}
    for assignment in held:
        holders[assignment.role].append(assignment)
    context = {
        "roles": list(Role),
        "rows": [
            (PERMISSION_LABELS[permission], [role in MATRIX[permission] for role in Role])
            for permission in Permission
        ],
        "conflicts": [
            (role.label, [other.label for other in Role if _conflict(role, other)])
            for role in Role
        ],
        "holders": [(role.label, holders[role]) for role in Role],
        "limits": [(role.label, limit) for role, limit in DEFAULT_APPROVAL_LIMITS.items()],
    }
    return render(request, "organizations/permission_matrix.html", context)


def _filtered(people: QuerySet[User], values: dict[str, str]) -> QuerySet[User]:
    text = values["q"].strip()
    if text:
        named = Q(username__icontains=text) | Q(name_zh__icontains=text)
        people = people.filter(
            named | Q(first_name__icontains=text) | Q(last_name__icontains=text)
        )
    if values["role"]:
        holders = RoleAssignment.objects.held().filter(role=values["role"]).values("user")
        people = people.filter(pk__in=holders)
    if values["state"]:
        people = people.filter(is_active=values["state"] == "active")
    return people


def _person(request: HttpRequest, pk: int) -> User:
    return get_object_or_404(people_for(acting_user(request)), pk=pk)


def _assignment(request: HttpRequest, pk: int) -> RoleAssignment:
    return get_object_or_404(role_assignments_for(acting_user(request)).held(), pk=pk)


def _names(person: User, role: Role) -> dict[str, str]:
    return {"person": person.display_name(), "role": str(role.label)}


def _conflict(one: Role, other: Role) -> bool:
    return frozenset({one, other}) in CONFLICTING_ROLES


def _changed(
    request: HttpRequest, person: User, form: Form, change: Callable[[dict[str, Any]], str]
) -> HttpResponse:
    """Run a change and go back to the person, or show the person with what was refused."""
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        return _person_page(request, person, status=REFUSED)
    try:
        messages.success(request, change(form.cleaned_data))
    except FinanceError as error:
        messages.error(request, str(error))
        return _person_page(request, person, status=error.http_status)
    return redirect("organizations:person_detail", pk=person.pk)


def _person_page(request: HttpRequest, person: User, *, status: int = 200) -> HttpResponse:
    assignments = person.role_assignments.order_by("revoked_at", "role")
    held = [row for row in assignments if row.revoked_at is None]
    context = {
        "person": person,
        "held": [
            (row, LimitForm(initial=_limit_values(row), auto_id=f"role-{row.pk}-%s"))
            for row in held
        ],
        "revoked": [row for row in assignments if row.revoked_at is not None],
        "approving_roles": MATRIX[Permission.ENTRY_APPROVE],
        "grant_form": RoleGrantForm(),
        "is_self": request.user == person,
        "has_all_roles": len(held) == len(Role),
    }
    return render(request, "organizations/person_detail.html", context, status=status)


def _limit_values(assignment: RoleAssignment) -> dict[str, object]:
    return {"version": assignment.version, "approval_limit": assignment.approval_limit}
