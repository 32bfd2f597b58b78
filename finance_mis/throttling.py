"""Sign-in throttling: by person and by pair of person and address, never by address alone.

By address alone a whole office behind one router is locked out by one colleague, and a botnet
is not locked out at all.
"""

from __future__ import annotations

from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.db.models import Sum
from django.http import HttpRequest

WEIGHT_OF_A_PAIR = 2


class SignInThrottle(AxesDatabaseHandler):  # type: ignore[misc]  # axes ships no types
    """Lock after AXES_FAILURE_LIMIT failures of a person, or half as many from one address."""

    def get_failures(
        self, request: HttpRequest, credentials: dict[str, Any] | None = None
    ) -> int:
        """Return the failures against the one limit: those of a pair count double."""
        of_person, of_pair = (
            attempts.aggregate(failures=Sum("failures_since_start"))["failures"] or 0
            for attempts in self.get_user_attempts(request, credentials)
        )
        return max(of_person, of_pair * WEIGHT_OF_A_PAIR)
