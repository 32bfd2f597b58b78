"""Configuration of the reconciliation app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReconciliationConfig(AppConfig):
    """What the outside says, matched with the books."""

    name = "apps.reconciliation"
    verbose_name = _("Reconciliation")

    def ready(self) -> None:
        """Have the matches proved with the books, and hear of money that moved."""
        from apps.reconciliation.services.break_writing_off import (  # noqa: PLC0415
            register_write_offs,
        )
        from apps.reconciliation.services.live import register_live_matching  # noqa: PLC0415
        from apps.reconciliation.services.rule_trials import register_trials  # noqa: PLC0415
        from apps.reconciliation.services.verification import (  # noqa: PLC0415  (after the registry)
            register_checks,
        )

        register_checks()
        register_live_matching()
        register_write_offs()
        register_trials()
