"""Configuration of the budgets app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BudgetsConfig(AppConfig):
    """Budgets above the books."""

    name = "apps.budgets"
    verbose_name = _("Budgets")

    def ready(self) -> None:
        """Let `verify_books` prove the totals too."""
        from apps.budgets.services.verification import (  # noqa: PLC0415  (after the registry)
            register_checks,
        )

        register_checks()
