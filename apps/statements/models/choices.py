"""What a source can be, and in which shapes it tells."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SourceKind(models.TextChoices):
    """Who tells what happened."""

    BANK = "bank", _("bank account")
    PROVIDER = "provider", _("payment provider")
    EXPORT = "export", _("another system's export")
    LEDGER = "ledger", _("another ledger")
    EVENTS = "events", _("our own events")


class StatementFormat(models.TextChoices):
    """The shape of a file."""

    MT940 = "mt940", "MT940"
    CAMT053 = "camt053", "camt.053"
    OFX = "ofx", "OFX / QFX"
    TABLE = "table", _("CSV or XLSX by a mapping")
    WECHAT = "wechat", _("WeChat Pay bill")
    ALIPAY = "alipay", _("Alipay bill")
    PSP = "psp", _("export of a payment provider (gross, fee, net)")
    NONE = "none", _("no files")
