"""Why a job cannot be started or stopped."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError


class JobIsFinished(FinanceError):
    """A finished job cannot be cancelled."""

    code = "job_is_finished"
    http_status = 409
    sentence = _("The job is %(state)s already; there is nothing left to stop.")


class JobGaveUp(FinanceError):
    """Workers began a job several times and none came to its end."""

    code = "job_gave_up"
    sentence = _(
        "The work was begun %(count)s times and never came to its end. Nothing of the last "
        "step was changed; start it again, and tell an administrator if it happens again."
    )
