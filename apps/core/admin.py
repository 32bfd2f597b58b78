"""The stock admin, kept from doing harm: superusers only, and the books read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

if TYPE_CHECKING:
    from django.db import models
    from django.http import HttpRequest

    _AnyModelAdmin = admin.ModelAdmin[Any]
else:
    _AnyModelAdmin = admin.ModelAdmin


class SuperuserSite(admin.AdminSite):
    """The admin for breaking the glass; being staff is not enough."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Let only active superusers in."""
        return bool(request.user.is_active and request.user.is_superuser)


class ReadOnlyAdmin(_AnyModelAdmin):
    """Shows rows; what may change, changes through the application's services."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def get_list_display(self, request: HttpRequest) -> Any:
        """Show every plain column, and the keys of foreign rows instead of a query each."""
        return [field.attname for field in self.model._meta.concrete_fields][:12]


def register_read_only(*tables: type[models.Model]) -> None:
    """Show tables in the admin, each with its history if it has one."""
    for table in tables:
        admin.site.register(table, ReadOnlyAdmin)
        if hasattr(table, "history"):
            admin.site.register(table.history.model, ReadOnlyAdmin)
