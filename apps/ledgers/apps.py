"""Configuration of the ledgers app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgersConfig(AppConfig):
    """Ledgers, journal entries and balances."""

    name = "apps.ledgers"
    verbose_name = _("Ledgers")

    def ready(self) -> None:
        """Tell jobs and events, which lie below, what the books have for them."""
        from apps.ledgers.services.closing import jobs  # noqa: PLC0415  (apps must be loaded)
        from apps.ledgers.services.money_events import (  # noqa: PLC0415  (as above)
            register_money_events,
        )

        jobs.register()
        register_money_events()
