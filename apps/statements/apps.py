"""Configuration of the statements app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StatementsConfig(AppConfig):
    """Statements of banks, payment providers and other systems."""

    name = "apps.statements"
    verbose_name = _("Statements")

    def ready(self) -> None:
        """Let statements be read and imported by jobs, and be proved."""
        from apps.statements.services.statement_jobs import register_jobs  # noqa: PLC0415  (apps must be loaded)
        from apps.statements.services.verification import register_checks  # noqa: PLC0415  (as above)

        register_jobs()
        register_checks()
