"""When an invoice is due: net 30, 60, 90 days from its date, counted on the calendar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta


def due_date(invoice_date: date, term: int) -> date:
    """Return the day on which an invoice is due; net 30 of 2026-01-31 is 2026-03-02."""
    return invoice_date + timedelta(days=term)


def due_dates(invoice_date: date, terms: Iterable[int]) -> dict[int, date]:
    """Return the due date of each term."""
    return {term: due_date(invoice_date, term) for term in terms}
