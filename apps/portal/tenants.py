"""Setting up a tenant: the organization, what each begins with, and its first administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apps.approvals.services.shipping import ship_flows
from apps.core.operation import operation
from apps.organizations.models import Organization, User
from apps.organizations.permissions import Role
from apps.organizations.services.people import UserNameIsTaken, create_user, grant_role
from apps.organizations.services.structure import CodeIsTaken
from apps.rollout.services.flags import ship_flags

if TYPE_CHECKING:
    from collections.abc import Mapping

SYSTEM = "system"


def system_user() -> User:
    """Return the account without a tenant that sets tenants up; nobody can sign in with it."""
    found = User.objects.filter(username=SYSTEM).first()
    return found or User.objects.create_superuser(SYSTEM, password=None)


def create_tenant(code: str, name: str, name_zh: str = "") -> Organization:
    """Make an organization, with the flows and rollouts that every one begins with.

    Raises:
        CodeIsTaken: an organization has the code.
    """
    if Organization.objects.filter(code=code).exists():
        raise CodeIsTaken(field="code", text=code)
    actor = system_user()
    with operation("organization.create", actor=actor):
        organization = Organization.create_versioned(
            actor=actor, code=code, name=name, name_zh=name_zh
        )
        ship_flows(organization, actor=actor)
        ship_flags(organization, actor=actor)
    return organization


def add_first_administrator(
    organization: Organization, username: str, values: Mapping[str, Any]
) -> User:
    """Add who lets everybody else in; a password is set by a link.

    `values` are further fields of the user, such as names and email.

    Raises:
        UserNameIsTaken: somebody has the name already.
    """
    if User.objects.filter(username__iexact=username).exists():
        raise UserNameIsTaken(field="username", text=username)
    actor = system_user()
    with operation("organization.first_administrator", actor=actor):
        person = create_user(
            actor=actor,
            organization=organization,
            username=username,
            password=None,
            **values,
        )
        grant_role(person, Role.ADMIN, actor=actor)
    return person
