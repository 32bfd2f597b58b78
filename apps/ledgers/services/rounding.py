"""The line that takes what rounding leaves of an entry: made on request, never in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.ledgers.domain.rounding_lines import rounding_difference, rounding_line
from apps.ledgers.services.system_entries import rounding_account

if TYPE_CHECKING:
    from apps.ledgers.domain.entries import EntryInput, LineInput
    from apps.ledgers.models import Ledger


def rounding_line_for(ledger: Ledger, content: EntryInput) -> LineInput | None:
    """Return the line that an entry needs to balance; None when it balances.

    Raises:
        RoundingTooLarge: rounding does not explain the difference.
        SystemAccountIsMissing: the ledger names no account for it.
    """
    base = ledger.base_currency_id
    difference = rounding_difference(content, base)
    if not difference:
        return None
    return rounding_line(
        difference,
        account_id=rounding_account(ledger).pk,
        base_currency=base,
        summary=_("Rounding difference"),
    )
