"""Configuration of the audit app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    """The operation log."""

    name = "apps.audit"
    verbose_name = _("Audit trail")

    def ready(self) -> None:
        """Record sign-ins, which Django tells by signals: organizations lie below the log."""
        from django.contrib.auth import signals  # noqa: PLC0415  (apps must be loaded)

        from apps.audit import services  # noqa: PLC0415

        signals.user_logged_in.connect(services.record_sign_in)
        signals.user_login_failed.connect(services.record_failed_sign_in)
        signals.user_logged_out.connect(services.record_sign_out)
