"""What the fields of a mapping are called."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

FIELD_LABELS = {
    "date": _("Booked on"),
    "value_date": _("Value date"),
    "amount": _("Amount (signed)"),
    "money_in": _("Money in"),
    "money_out": _("Money out"),
    "direction": _("In or out"),
    "currency": _("Currency"),
    "account": _("Account at the partner"),
    "balance": _("Balance after the line"),
    "reference": _("Reference"),
    "partner_reference": _("Partner's reference"),
    "batch": _("Batch or payout"),
    "kind": _("Transaction kind"),
    "counterparty": _("Counterparty"),
    "counter_account": _("Counterparty's account"),
    "text": _("Remark"),
    "gross": _("Gross amount"),
    "fee": _("Fee"),
    "gross_currency": _("Currency of the gross amount"),
}
