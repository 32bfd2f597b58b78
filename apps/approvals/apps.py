"""Configuration of the approvals app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApprovalsConfig(AppConfig):
    """Who must say yes before something counts."""

    name = "apps.approvals"
    verbose_name = _("Approvals")
