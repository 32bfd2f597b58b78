"""Configuration of the ledgers app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgersConfig(AppConfig):
    """Ledgers, journal entries and balances."""

    name = "apps.ledgers"
    verbose_name = _("Ledgers")
