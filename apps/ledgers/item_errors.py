"""Why foreign amounts, open items and settlements are refused; each says what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError


class SystemAccountIsMissing(FinanceError):
    """The ledger does not say where the system books something."""

    code = "system_account_is_missing"
    sentence = _(
        "The ledger names no account for %(purpose)s. Somebody who may change the chart of "
        "accounts sets it in the settings of the ledger."
    )


class ItemsDoNotBalance(FinanceError):
    """The parts of both sides differ."""

    code = "items_do_not_balance"
    sentence = _(
        "The chosen amounts of both sides differ by %(difference)s. Change them until they "
        "are equal."
    )


class PartIsTooLarge(FinanceError):
    """A part is not positive, or more than what is left of the item."""

    code = "part_is_too_large"
    sentence = _("Settle more than nothing and at most what is open: %(open)s.")


class ItemsDoNotMatch(FinanceError):
    """The items are of different accounts, partners or currencies."""

    code = "items_do_not_match"
    sentence = _("Only items of one account, one partner and one currency settle each other.")


class SettledTooEarly(FinanceError):
    """The day lies before one of the items."""

    code = "settled_too_early"
    sentence = _("Settle on %(day)s or later: one of the items is of that day.")


class ItemsAreSettled(FinanceError):
    """An entry whose items are settled is not reversed."""

    code = "items_are_settled"
    http_status = 409
    sentence = _(
        "An item of this entry is settled. Undo the settlement first, then reverse the entry."
    )


class ItemWasSettled(FinanceError):
    """Somebody settled an item meanwhile."""

    code = "item_was_settled"
    http_status = 409
    sentence = _(
        "Somebody else settled %(item)s meanwhile, or a part of it. Nothing was changed: look "
        "at what is left and choose again."
    )


class SettlementIsUndone(FinanceError):
    """The settlement was undone already."""

    code = "settlement_is_undone"
    http_status = 409
    sentence = _("This settlement was undone already. Nothing was changed.")


class SettlementNeedsApproval(FinanceError):
    """A settlement above the limit of the organization would settle at once."""

    code = "settlement_needs_approval"
    http_status = 409
    sentence = _(
        "Settlements above %(currency)s %(limit)s wait for another person: propose it."
    )


class SettlementWasNotApproved(FinanceError):
    """PostgreSQL refused a settlement above the limit, or a change of a proposal."""

    code = "settlement_was_not_approved"
    http_status = 409
    sentence = _(
        "A settlement above the limit of the organization is approved by another person, once. "
        "Nothing was changed: open it again."
    )


class OwnSettlement(FinanceError):
    """Who proposed a settlement does not decide."""

    code = "own_settlement"
    http_status = 403
    sentence = _("You proposed this settlement, so somebody else has to decide.")


class SettlementIsDecided(FinanceError):
    """A proposed settlement is decided once."""

    code = "settlement_is_decided"
    http_status = 409
    sentence = _("This settlement is %(state)s already. Nothing was changed.")


class ItemsDoNotFit(FinanceError):
    """PostgreSQL refused movements of items."""

    code = "items_do_not_fit"
    http_status = 409
    sentence = _(
        "The items changed meanwhile, or do not fit each other. Nothing was changed: open "
        "them again and repeat your choice."
    )


class RateIsInvalid(FinanceError):
    """A text is no rate."""

    code = "rate_is_invalid"
    sentence = _(
        "“%(text)s” is not a rate: write digits with a point, at most 10 decimals, such as "
        "7.1234, or 4.8012/100 for a hundred units."
    )


class RateForBaseCurrency(FinanceError):
    """An amount in the currency of the books has no rate."""

    code = "rate_for_base_currency"
    sentence = _("%(currency)s is the currency of the books and takes no rate.")


class RoundingTooLarge(FinanceError):
    """The base amounts differ by more than rounding can explain."""

    code = "rounding_too_large"
    sentence = _(
        "Debit and credit differ by %(currency)s %(difference)s. Rounding the foreign lines "
        "explains less than %(bound)s: check amounts and rates."
    )


class AccountNeedsCurrency(FinanceError):
    """The account takes one foreign currency, and the line names none."""

    code = "account_needs_currency"
    sentence = _(
        "This account is kept in %(currency)s. The currency is filled in: check that the "
        "amount is meant in it, then save again."
    )
