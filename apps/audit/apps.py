"""Configuration of the audit app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    """The operation log."""

    name = "apps.audit"
    verbose_name = _("Audit trail")
