"""The closed lists of words that a finance policy chooses from."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class InvoiceKind(models.TextChoices):
    """The kinds of VAT invoice 增值税发票."""

    SPECIAL = "special", _("special VAT invoice")
    ORDINARY = "ordinary", _("ordinary VAT invoice")


class Rounding(models.TextChoices):
    """The names of `apps.core.rounding.RoundingMode`, in words."""

    HALF_UP = "half_up", _("half up: 2.345 is 2.35")
    HALF_EVEN = "half_even", _("half to even: 2.345 is 2.34")
    UP = "up", _("up: 2.341 is 2.35")
    DOWN = "down", _("down: 2.349 is 2.34")


class FxMethod(models.TextChoices):
    """What happens to a revaluation when the next period begins."""

    PERSISTENT = "persistent", _("persistent: the next revaluation adds the difference")
    AUTO_REVERSE = "auto_reverse", _("reversed on the first day of the next period")


class ReversalStyle(models.TextChoices):
    """How a reversal is written."""

    RED = "red", _("red letter: negative on the same side")
    SWAP = "swap", _("swapped sides")


class ProfitTransfer(models.TextChoices):
    """How often profit and loss are transferred 结转损益."""

    MONTHLY = "monthly", _("every month")
    YEARLY = "yearly", _("at the end of the year")


class PolicyState(models.TextChoices):
    """Where a version stands; `superseded` is one that another replaced on its first day."""

    PROPOSED = "proposed", _("proposed")
    CONFIRMED = "confirmed", _("confirmed")
    REJECTED = "rejected", _("rejected")
    SUPERSEDED = "superseded", _("superseded")


class PolicySource(models.TextChoices):
    """How a proposal came in."""

    FORM = "form", _("form")
    FILE = "file", _("YAML file")


# A longer term is a loan, and a typing error more often than that.
LONGEST_TERM_DAYS = 365
