"""Tenants and people in the admin; only the users themselves can be changed here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.utils.translation import gettext_lazy as _

from apps.core.admin import ReadOnlyAdmin, register_read_only
from apps.core.operation import operation
from apps.organizations.models import (
    Department,
    LegalEntity,
    Organization,
    RoleAssignment,
    User,
)

if TYPE_CHECKING:
    from django.http import HttpRequest

    _UserAdmin = UserAdmin[User]
else:
    _UserAdmin = UserAdmin

register_read_only(Organization, LegalEntity, Department, RoleAssignment)


@admin.register(User)
class PersonAdmin(_UserAdmin):
    """Add people, set passwords, lock them out; roles are given in the application."""

    list_display = ("username", "organization", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser", "organization")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "name_zh", "email")}),
        (_("Access"), {"fields": ("organization", "department", "is_active")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "usable_password", "password1", "password2")}),
        (_("Access"), {"fields": ("organization", "department")}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: users are deactivated."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Write under the superuser's name."""
        kind = "user.change" if change else "user.create"
        with operation(kind, actor=cast("User", request.user)):
            super().save_model(request, obj, form, change)


admin.site.register(User.history.model, ReadOnlyAdmin)
