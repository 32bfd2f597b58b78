"""Who waits for whom while a period closes.

posters         share the period's gate
a close         holds the gate alone: nobody posts between its look and its commit
closing steps   one at a time for a period; posters do not wait for them
"""

from __future__ import annotations

from django.db import connection

from apps.ledgers.models import Period


def hold_gate_alone(period: Period) -> None:
    """Wait until nobody posts into the period, and let nobody until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(ledgers_period_gate(%s))", [period.pk])


def hold_closing_steps(period: Period) -> None:
    """Wait for a closing step of the period that is under way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock((3::bigint << 60) | %s::bigint)", [period.pk]
        )
