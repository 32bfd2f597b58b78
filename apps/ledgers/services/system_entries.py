"""Entries that the system computes: who stands for them, and where their amounts go.

The system makes them and the person who started the run checks them: what is posted was
shown before. So maker and checker are two here as everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from apps.ledgers.item_errors import SystemAccountIsMissing
from apps.ledgers.services.standard_accounts import standard_account
from apps.organizations.services.people import system_user_of

if TYPE_CHECKING:
    from apps.ledgers.models import Account, Ledger
    from apps.organizations.models import User


def system_maker(ledger: Ledger) -> User:
    """Return who stands as the maker of what the system computes."""
    return system_user_of(ledger.organization)


def exchange_account(ledger: Ledger, *, is_gain: bool) -> Account:
    """Return where an exchange gain or loss is booked.

    Raises:
        SystemAccountIsMissing: neither the ledger nor its chart says.
    """
    name = "exchange_gain_account" if is_gain else "exchange_loss_account"
    account = getattr(ledger, name) or standard_account(ledger, name)
    return _required(account, _("exchange gains") if is_gain else _("exchange losses"))


def rounding_account(ledger: Ledger) -> Account:
    """Return where rounding differences are booked.

    Raises:
        SystemAccountIsMissing: neither the ledger nor its chart says.
    """
    return _required(known_rounding_account(ledger), _("rounding differences"))


def known_rounding_account(ledger: Ledger) -> Account | None:
    """Return where rounding differences are booked, None if nobody said."""
    return ledger.rounding_account or standard_account(ledger, "rounding_account")


def _required(account: Account | None, purpose: str) -> Account:
    if account is None:
        raise SystemAccountIsMissing(purpose=purpose)
    return account
