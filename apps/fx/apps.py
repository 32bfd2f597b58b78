"""Configuration of the fx app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FxConfig(AppConfig):
    """Exchange rates."""

    name = "apps.fx"
    verbose_name = _("Exchange rates")
