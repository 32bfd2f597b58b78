"""Lines of an entry as a page shows them: a foreign one with its rate, and its open item."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.ledgers.services.entry_facts import line_input_of
from apps.ledgers.services.rates import rate_in_words, rate_of_line

if TYPE_CHECKING:
    from apps.ledgers.models import JournalEntry, JournalLine


def lines_with_rates(entry: JournalEntry) -> list[JournalLine]:
    """Return the lines in order; `rate_note` says rate, type, source and age, or nothing."""
    base = entry.ledger.base_currency_id
    lines = list(entry.lines.select_related("account", "dimension_set", "open_item"))
    for line in lines:
        is_foreign = line.currency_id != base and line.amount
        rate = rate_of_line(line_input_of(line))
        note = rate_in_words(rate, line.entry_date) if is_foreign else ""
        line.rate_note = note  # type: ignore[attr-defined]  # for the template alone
    return lines
