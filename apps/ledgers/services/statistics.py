"""What the planner believes of tables that a large transaction fills by itself."""

from __future__ import annotations

from django.db import connection

# From how many entries on it pays to look.
MANY = 100


def count_what_looks_empty(entries: int) -> None:
    """Count the tables of the journal that are taken for empty, after `entries` were written.

    Only inside a transaction that goes on, whose rows nobody else can see and count; a few
    entries change nothing.
    """
    if entries < MANY or not connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledgers_count_what_looks_empty()")
