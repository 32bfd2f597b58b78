"""Tenants and people.

    Organization 1 ──* LegalEntity
                 1 ──* Department 1 ──* User 1 ──* RoleAssignment

A user belongs to one organization and sees nothing of another. Users are deactivated,
never deleted: their names stand in the books.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.core.models import VersionedModel
from apps.organizations.permissions import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def _in_language(name: str, name_zh: str) -> str:
    """Return the Chinese name to readers of Chinese if there is one, else the other."""
    return name_zh if name_zh and (get_language() or "").startswith("zh") else name


class Currency(models.Model):
    """An ISO 4217 currency and its minor digits, for the database's own checks."""

    code = models.CharField(max_length=3, primary_key=True)
    minor_digits = models.PositiveSmallIntegerField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(minor_digits__lte=4), name="currency_has_at_most_four_digits"
            ),
        )

    def __str__(self) -> str:
        """Return the code."""
        return self.code


class Organization(VersionedModel):
    """A tenant: a shared-service centre with its own people and books."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)
    # In the base currency of the ledger at hand; None: no settlement waits for anybody.
    settlement_limit = models.DecimalField(
        _("settlements above this wait for approval"),
        max_digits=20,
        decimal_places=4,
        null=True,
        blank=True,
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("organization")
        constraints = (
            models.CheckConstraint(
                condition=Q(settlement_limit=None) | Q(settlement_limit__gte=0),
                name="settlement_limit_is_not_negative",
            ),
        )

    def __str__(self) -> str:
        """Return the name in the reader's language."""
        return _in_language(self.name, self.name_zh)


class LegalEntity(VersionedModel):
    """A company whose books are kept."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="entities")
    code = models.SlugField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)
    functional_currency = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("legal entity")
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "code"), name="legal_entity_code_is_unique"
            ),
        )

    def __str__(self) -> str:
        """Return the name in the reader's language."""
        return _in_language(self.name, self.name_zh)


class Department(VersionedModel):
    """A department, the unit by which new approval flows are rolled out."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="departments")
    code = models.SlugField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)
    head = models.ForeignKey(
        "User", models.PROTECT, null=True, blank=True, related_name="departments_headed"
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("department")
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "code"), name="department_code_is_unique"
            ),
        )

    def __str__(self) -> str:
        """Return the name in the reader's language."""
        return _in_language(self.name, self.name_zh)


class User(AbstractUser):
    """A person or a system that signs in.

    `is_superuser` is for breaking the glass: a superuser without an organization sees no
    books, and no service asks for the flag.
    """

    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="users"
    )
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="members"
    )
    name_zh = models.CharField(_("Chinese name"), max_length=80, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    theme = models.CharField(_("theme"), max_length=5, blank=True)
    has_single_key_shortcuts = models.BooleanField(_("single-key shortcuts"), default=True)
    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    class Meta:
        verbose_name = _("user")
        constraints = (
            models.CheckConstraint(
                condition=Q(is_superuser=False) | Q(organization=None),
                name="superuser_belongs_to_no_organization",
            ),
        )

    def display_name(self) -> str:
        """Return the name in the reader's language, or the user name where there is none."""
        return _in_language(self.get_full_name() or self.username, self.name_zh)

    def roles(self) -> frozenset[Role]:
        """Return the roles held now; read once for each request."""
        if not hasattr(self, "_roles"):
            self._roles = frozenset(Role(held.role) for held in self.assignments())
        return self._roles

    def assignments(self) -> Sequence[RoleAssignment]:
        """Return the roles held now, with limits; as `access.with_roles` read them."""
        read: Sequence[RoleAssignment] | None = self.__dict__.get("held_roles")
        return list(self.role_assignments.held()) if read is None else read

    def delete(self, *_args: Any, **_kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse: a user is deactivated, so that the books keep the name.

        Raises:
            TypeError: always.
        """
        message = "users are deactivated, never deleted"
        raise TypeError(message)


class RoleAssignmentQuerySet(models.QuerySet["RoleAssignment"]):
    """Reads of role assignments."""

    def held(self) -> RoleAssignmentQuerySet:
        """Return assignments that are in force."""
        return self.filter(revoked_at=None)

    def of_roles(self, roles: Iterable[Role]) -> RoleAssignmentQuerySet:
        """Return assignments in force of any of the roles."""
        return self.held().filter(role__in=list(roles))


class RoleAssignment(VersionedModel):
    """A role that a user holds until it is revoked."""

    user = models.ForeignKey(User, models.PROTECT, related_name="role_assignments")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    approval_limit = models.DecimalField(
        _("approval limit"),
        max_digits=20,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("In the base currency of the ledger; empty: the limit of the role."),
    )
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    history = HistoricalRecords()

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("role assignment")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "role"),
                condition=Q(revoked_at=None),
                name="role_is_held_once",
            ),
            models.CheckConstraint(
                condition=Q(approval_limit=None) | Q(approval_limit__gte=0),
                name="approval_limit_is_not_negative",
            ),
        )

    def __str__(self) -> str:
        """Return who holds what."""
        return f"{self.user_id}: {self.role}"
