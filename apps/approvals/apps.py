"""Configuration of the approvals app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApprovalsConfig(AppConfig):
    """Who must say yes before something counts."""

    name = "apps.approvals"
    verbose_name = _("Approvals")

    def ready(self) -> None:
        """Rule over the subjects of other apps; tell the rollout what became of requests."""
        from apps.approvals.services.engine import FlowRounds  # noqa: PLC0415
        from apps.approvals.services.outcomes import (  # noqa: PLC0415  (after the registry)
            outcomes_since,
            running_by_department,
        )
        from apps.approvals.services.verification import register_checks  # noqa: PLC0415
        from apps.core.rounds import provide_rounds  # noqa: PLC0415
        from apps.rollout.services.providers import (  # noqa: PLC0415
            provide_outcomes,
            provide_running,
        )
        from apps.rollout.words import FINANCIAL_APPROVAL_V2  # noqa: PLC0415

        provide_rounds(FlowRounds())
        register_checks()
        provide_running(FINANCIAL_APPROVAL_V2, running_by_department)
        provide_outcomes(FINANCIAL_APPROVAL_V2, outcomes_since)
