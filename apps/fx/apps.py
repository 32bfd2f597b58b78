"""Configuration of the fx app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FxConfig(AppConfig):
    """Exchange rates."""

    name = "apps.fx"
    verbose_name = _("Exchange rates")

    def ready(self) -> None:
        """Let imports of rates run as jobs."""
        from apps.fx.services.rate_import_jobs import register_jobs  # noqa: PLC0415  (apps must be loaded)

        register_jobs()
