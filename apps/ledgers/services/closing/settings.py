"""Where the closing entries of a ledger go, and by which method.

Until somebody saves other choices, the accounts of the two charts that ship are known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from apps.core.errors import StaleVersion
from apps.core.operation import operation
from apps.ledgers.closing_errors import ClosingAccountIsMissing
from apps.ledgers.models import Account, ClosingSettings, Ledger
from apps.ledgers.services.standard_accounts import standard_account
from apps.policies.services.current import policy_on

if TYPE_CHECKING:
    from datetime import date

    from apps.organizations.models import User

CLOSING_ACCOUNTS = (
    "profit_account",
    "retained_account",
    "reserve_account",
    "appropriation_account",
)
# Chosen on the same page, kept with the ledger: settlements book there too.
LEDGER_ACCOUNTS = ("exchange_gain_account", "exchange_loss_account", "rounding_account")


def closing_settings_of(ledger: Ledger) -> ClosingSettings:
    """Return what was saved, or else what the ledger's chart suggests, not saved yet."""
    saved = (
        ClosingSettings.objects.filter(ledger=ledger).select_related(*CLOSING_ACCOUNTS).first()
    )
    return saved or ClosingSettings(ledger=ledger, **_suggested(ledger))


def save_closing_settings(
    ledger: Ledger, *, version: int | None, actor: User, **choices: Any
) -> ClosingSettings:
    """Save the choices of a senior accountant.

    Raises:
        StaleVersion: somebody saved others after `version`.
    """
    own = {name: choices.pop(name) for name in LEDGER_ACCOUNTS if name in choices}
    saved = ClosingSettings.objects.filter(ledger=ledger).first()
    with operation("closing_settings.save", actor=actor):
        if own != {name: getattr(ledger, name) for name in own}:
            ledger.update_versioned(
                actor=actor,
                reason="closing settings",
                expected_version=ledger.version,
                **own,
            )
        if saved is None:
            return _first(ledger, actor=actor, **choices)
        return saved.update_versioned(
            actor=actor, reason="save", expected_version=version or 0, **choices
        )


def _first(ledger: Ledger, *, actor: User, **choices: Any) -> ClosingSettings:
    try:
        with transaction.atomic():
            return ClosingSettings.create_versioned(
                actor=actor, ledger=ledger, **(_suggested(ledger) | choices)
            )
    except IntegrityError as error:
        raise StaleVersion(what=ClosingSettings._meta.verbose_name) from error


def ledger_accounts_of(ledger: Ledger) -> dict[str, Account | None]:
    """Return the accounts kept with the ledger, or else what its chart suggests."""
    return {
        name: getattr(ledger, name) or standard_account(ledger, name)
        for name in LEDGER_ACCOUNTS
    }


def closing_account(ledger: Ledger, name: str) -> Account:
    """Return the account of a purpose, a field of `ClosingSettings`.

    Raises:
        ClosingAccountIsMissing: nobody has chosen one.
    """
    account: Account | None = getattr(closing_settings_of(ledger), name)
    if account is None:
        field = ClosingSettings._meta.get_field(name)
        raise ClosingAccountIsMissing(account=getattr(field, "verbose_name", name))
    return account


def fx_method_of(ledger: Ledger, day: date) -> str:
    """Return how revaluations are carried on: the ledger's own choice, or else the policy's."""
    own = closing_settings_of(ledger).fx_method
    return own or policy_on(ledger.organization_id, day).fx_method


def profit_transfer_of(ledger: Ledger, day: date) -> str:
    """Return how often profit and loss are transferred, the same way."""
    own = closing_settings_of(ledger).profit_transfer
    return own or policy_on(ledger.organization_id, day).profit_transfer


def _suggested(ledger: Ledger) -> dict[str, Account]:
    found = {name: standard_account(ledger, name) for name in CLOSING_ACCOUNTS}
    if ledger.base_ledger_id is not None:
        # A delta holds differences: the reserve is appropriated in the base ledger.
        del found["reserve_account"]
    return {name: account for name, account in found.items() if account is not None}
