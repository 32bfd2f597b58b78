"""Configuration of the credit app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CreditConfig(AppConfig):
    """Credit checks of counterparties."""

    name = "apps.credit"
    verbose_name = _("Credit checks")
