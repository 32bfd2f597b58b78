"""Configuration of the ledgers app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgersConfig(AppConfig):
    """Ledgers, journal entries and balances."""

    name = "apps.ledgers"
    verbose_name = _("Ledgers")

    def ready(self) -> None:
        """Tell the jobs which long work there is: they lie below the books."""
        from apps.ledgers.services.closing import jobs  # noqa: PLC0415  (apps must be loaded)

        jobs.register()
