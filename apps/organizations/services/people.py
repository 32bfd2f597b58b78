"""Writes of people and roles."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import default_token_generator
from django.db import DatabaseError
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError, Forbidden
from apps.core.operation import operation
from apps.core.text import clean_text
from apps.organizations.access import require
from apps.organizations.models import RoleAssignment, User
from apps.organizations.permissions import CONFLICTING_ROLES, Permission, Role

if TYPE_CHECKING:
    from apps.organizations.models import Department, Organization

_ROLE_CONFLICT = "FM014"


class RolesConflict(FinanceError):
    """One person may not hold the two duties."""

    code = "roles_conflict"
    http_status = 409
    sentence = _("%(person)s holds a duty that this one must control. Choose another person.")


class UserNameIsTaken(FinanceError):
    """User names are unique over all organizations."""

    code = "user_name_is_taken"
    http_status = 409
    sentence = _("The user name %(text)s is in use already. Choose another one.")


class OwnPassword(FinanceError):
    """A link is for somebody else's password."""

    code = "own_password"
    http_status = 403
    sentence = _("You change your own password by the old one, in the menu of your account.")


class OwnRoles(FinanceError):
    """Nobody changes the own roles."""

    code = "own_roles"
    http_status = 403
    sentence = _("You cannot change your own roles; another administrator has to.")


def create_user(
    *,
    actor: User,
    organization: Organization,
    username: str,
    password: str | None,
    department: Department | None = None,
    **values: Any,
) -> User:
    """Add a person to an organization, without any role yet."""
    with operation("user.create", actor=actor):
        return User.objects.create_user(
            username,
            password=password,
            organization=organization,
            department=department,
            **values,
        )


def add_person(*, actor: User, username: str, **values: Any) -> User:
    """Add a person to the actor's organization, who cannot sign in before a password is set.

    `values` are names, email and department.

    Raises:
        Forbidden: the actor may not.
        UserNameIsTaken: somebody has the name already.
        InvalidText: a name holds control or direction characters.
    """
    require(actor, Permission.PEOPLE_MANAGE)
    if actor.organization is None:
        raise Forbidden
    if User.objects.filter(username__iexact=username).exists():
        raise UserNameIsTaken(field="username", text=username)
    names: dict[str, Any] = {
        name: clean_text(value, field=name) if isinstance(value, str) else value
        for name, value in values.items()
    }
    return create_user(
        actor=actor,
        organization=actor.organization,
        username=username,
        password=None,
        **names,
    )


def make_password_link(person: User, *, actor: User) -> tuple[str, str]:
    """Return what a link holds by which a person sets the own password: (uid, token).

    The old password and all open sessions end now, so that a link is never given out unseen.
    A link works once and for `PASSWORD_RESET_TIMEOUT` seconds.

    Raises:
        Forbidden: the actor may not.
        OwnPassword: the own password is changed by the own old one.
    """
    require(actor, Permission.PEOPLE_MANAGE)
    if person.pk == actor.pk:
        raise OwnPassword
    person.set_unusable_password()
    with operation("user.password_link", actor=actor):
        person.save(update_fields=["password"])
    return password_link_of(person)


def password_link_of(person: User) -> tuple[str, str]:
    """Return the (uid, token) of a link, for somebody who never had a password."""
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    return uid, default_token_generator.make_token(person)


def grant_role(
    user: User, role: Role, *, actor: User, approval_limit: Decimal | None = None
) -> RoleAssignment:
    """Give a role; a role that is held already stays as it is.

    Raises:
        OwnRoles: the actor would change the own roles.
        RolesConflict: the person holds a role that must stay apart from this one.
    """
    if user.pk == actor.pk:
        raise OwnRoles
    held = {Role(assignment.role) for assignment in user.role_assignments.held()}
    if any(frozenset({role, other}) in CONFLICTING_ROLES for other in held):
        raise RolesConflict(person=user.display_name())
    try:
        with operation("role.grant", actor=actor, reason=role):
            existing = user.role_assignments.held().filter(role=role).first()
            return existing or RoleAssignment.create_versioned(
                actor=actor, user=user, role=role, approval_limit=approval_limit
            )
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") == _ROLE_CONFLICT:
            raise RolesConflict(person=user.display_name()) from error
        raise


def revoke_role(assignment: RoleAssignment, *, version: int, actor: User) -> RoleAssignment:
    """Take a role away at the version the actor saw.

    Raises:
        OwnRoles: the actor would change the own roles.
        StaleVersion: somebody changed it after `version`.
    """
    if assignment.user_id == actor.pk:
        raise OwnRoles
    with operation("role.revoke", actor=actor, reason=assignment.role):
        return assignment.update_versioned(
            actor=actor, reason="revoke", expected_version=version, revoked_at=timezone.now()
        )


def change_approval_limit(
    assignment: RoleAssignment, limit: Decimal | None, *, version: int, actor: User
) -> RoleAssignment:
    """Change up to which amount the role approves; None is the limit of the role.

    Raises:
        OwnRoles: the actor would change the own limit.
        StaleVersion: somebody changed it after `version`.
    """
    if assignment.user_id == actor.pk:
        raise OwnRoles
    with operation("role.limit", actor=actor, reason=assignment.role):
        return assignment.update_versioned(
            actor=actor, reason="limit", expected_version=version, approval_limit=limit
        )


def change_user_access(user: User, *, is_active: bool, reason: str, actor: User) -> User:
    """Let a person sign in, or not any more: open sessions end with their next request.

    Raises:
        OwnRoles: nobody locks or unlocks the own access.
    """
    if user.pk == actor.pk:
        raise OwnRoles
    with operation(
        "user.activate" if is_active else "user.deactivate", actor=actor, reason=reason
    ):
        user.is_active = is_active
        user.save(update_fields=["is_active"])
    return user


def set_preferences(user: User, **values: Any) -> User:
    """Keep language, theme or shortcuts of a person."""
    with operation("user.preferences", actor=user):
        for name, value in values.items():
            setattr(user, name, value)
        user.save(update_fields=list(values))
    return user


def system_user_of(organization: Organization) -> User:
    """Return who stands for the system in an organization; nobody can sign in as it.

    It holds no role: what the system computes is started and checked by a person.
    """
    username = f"system@{organization.code}"
    user, _is_new = User.objects.get_or_create(
        username=username,
        defaults={
            "organization": organization,
            "first_name": "System",
            "name_zh": "系统",
            "is_active": False,
            "password": make_password(None),
        },
    )
    return user
