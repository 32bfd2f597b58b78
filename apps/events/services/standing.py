"""Letting a consumer stand still while somebody does what its relay does otherwise."""

from __future__ import annotations

from django.db import connection

_PREPARE = """
INSERT INTO events_consumercursor (consumer, partition, position, tries)
SELECT %s, number, 0, 0 FROM events_eventpartition ON CONFLICT DO NOTHING
"""
_HOLD = """
SELECT partition, position FROM events_consumercursor WHERE consumer = %s
ORDER BY partition FOR UPDATE
"""
_WAIT = """
SELECT position FROM events_consumercursor WHERE consumer = %s AND partition = %s FOR UPDATE
"""


def wait_for_cursor(consumer: str, partition: int) -> None:
    """Wait until nobody delivers to a consumer in a partition, and keep everybody else off."""
    with connection.cursor() as cursor:
        cursor.execute(_WAIT, [consumer, partition])


def hold_all_cursors(consumer: str) -> dict[int, int]:
    """Wait for running deliveries to end and begin none until the transaction is over.

    Return how far the consumer got, by partition.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PREPARE, [consumer])
        cursor.execute(_HOLD, [consumer])
        return dict(cursor.fetchall())
