"""The tenants of the demo and the people who work there."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import make_password

from apps.core.operation import operation
from apps.organizations.models import Department, Organization, User
from apps.organizations.permissions import Role
from apps.organizations.services.people import create_user, grant_role
from apps.portal.tenants import system_user

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from apps.portal.demo.names import Person, Unit


@dataclass(frozen=True, slots=True)
class Staff:
    """The people of a tenant by what they do in its books."""

    users: dict[str, User]
    makers: list[User]
    seniors: list[User]
    approvers: list[User]

    @property
    def checkers(self) -> list[User]:
        """Everybody who may approve an ordinary entry."""
        return [*self.seniors, *self.approvers]

    def poster(self, rng: random.Random) -> User:
        """Return one of those who post."""
        return rng.choice(self.seniors)


def make_staff(
    organization: Organization, people: Sequence[Person], units: Sequence[Unit], password: str
) -> Staff:
    """Make departments, people, their roles, and the head of each department.

    Only the people who can sign in get the password, which is hashed once: it is slow on
    purpose.
    """
    actor = system_user()
    password_hash = make_password(password)
    departments = [_make_department(organization, unit, actor) for unit in units]
    users = {}
    for number, person in enumerate(people):
        department = departments[number % len(departments)]
        users[person.username] = _make_user(department, person, password_hash, actor)
    _appoint_heads(departments, list(users.values()), actor)
    return Staff(
        users=users,
        makers=_holding(users, people, Role.ACCOUNTANT),
        seniors=_holding(users, people, Role.SENIOR_ACCOUNTANT),
        approvers=_holding(users, people, Role.APPROVER),
    )


def add_clerks(organization: Organization, clerks: Mapping[str, Person]) -> list[User]:
    """Add those who enter what a department spends, by the code of the department.

    They have no password, and no part in the books that the seed writes by itself.
    """
    departments = {one.code: one for one in organization.departments.all()}
    return [
        _make_user(departments[code], person, "", system_user())
        for code, person in clerks.items()
    ]


def _make_department(organization: Organization, unit: Unit, actor: User) -> Department:
    with operation("department.create", actor=actor):
        return Department.create_versioned(
            actor=actor,
            organization=organization,
            code=unit.slug,
            name=unit.name,
            name_zh=unit.name_zh,
        )


def _make_user(department: Department, person: Person, password_hash: str, actor: User) -> User:
    user = create_user(
        actor=actor,
        organization=department.organization,
        username=person.username,
        password=None,
        department=department,
        first_name=person.first_name,
        last_name=person.last_name,
        name_zh=person.name_zh,
        email=f"{person.username}@{department.organization.code}.example",
    )
    if person.can_sign_in:
        user.password = password_hash
        with operation("user.set_password", actor=actor):
            user.save(update_fields=["password"])
    if person.role:
        grant_role(user, person.role, actor=actor)
    return user


def _appoint_heads(departments: list[Department], users: list[User], actor: User) -> None:
    """Give each department a head, from the end of the list: those without other duties."""
    for number, department in enumerate(departments):
        head = users[-1 - number % len(users)]
        with operation("department.appoint_head", actor=actor):
            department.update_versioned(
                actor=actor, reason="appoint", expected_version=department.version, head=head
            )


def _holding(users: dict[str, User], people: Sequence[Person], role: Role) -> list[User]:
    return [users[person.username] for person in people if person.role == role]
