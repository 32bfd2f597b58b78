"""The reports app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    """Statements, and figures of the day for dashboards."""

    name = "apps.reports"
    label = "reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        """Tell events, which lie below, who counts them, and how to prove it."""
        from apps.reports.services.daily_figures import (  # noqa: PLC0415  (apps must be loaded)
            register_daily_figures,
        )
        from apps.reports.services.verification import register_checks  # noqa: PLC0415  (as above)

        register_daily_figures()
        register_checks()
