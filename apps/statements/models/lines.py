"""Lines of statements: what the outside says happened."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.statements.models.files import amount_field


class StatementLine(models.Model):
    """One line of an imported statement; it never changes and never goes.

    `amount` is what the outside account moved by, so net of a fee that was kept back:
    `gross_amount` − `fee` = `amount` where both are in one currency. `fingerprint` says what
    the line is, `occurrence` which of several equal ones, counted from 1: together they are
    unique in a channel. Keys to other tables are checked for a whole set at once (see
    migrations/sql/statement_guards.sql), and what a file does not tell is not sent: a million
    lines load in seconds.
    """

    statement = models.ForeignKey(
        "statements.StatementFile",
        models.PROTECT,
        related_name="lines",
        db_constraint=False,
        db_index=False,
    )
    channel = models.ForeignKey(
        "statements.Channel",
        models.PROTECT,
        related_name="lines",
        db_constraint=False,
        db_index=False,
    )
    # The line or row of the file that it was read from.
    line_no = models.PositiveIntegerField(_("line"))
    booked_on = models.DateField(_("booked on"))
    value_on = models.DateField(_("value date"), null=True)
    amount = amount_field(_("amount"))
    currency = models.ForeignKey(
        "organizations.Currency",
        models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    reference = models.CharField(_("reference"), max_length=140, db_default="")
    # The partner's own key of the line, and what several lines were paid out with.
    partner_reference = models.CharField(
        _("partner's reference"), max_length=140, db_default=""
    )
    batch = models.CharField(_("batch"), max_length=140, db_default="")
    kind = models.CharField(_("kind"), max_length=60, db_default="")
    counterparty = models.CharField(_("counterparty"), max_length=200, db_default="")
    counter_account = models.CharField(
        _("counterparty's account"), max_length=64, db_default=""
    )
    text = models.CharField(_("text"), max_length=1000, db_default="")
    fee = amount_field(_("fee"), null=True)
    gross_amount = amount_field(_("gross amount"), null=True)
    gross_currency = models.ForeignKey(
        "organizations.Currency",
        models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    fingerprint = models.UUIDField()
    occurrence = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("statement line")
        ordering = ("booked_on", "id")
        constraints = (
            # A fingerprint holds the day; with it in front, lines go where others of their days
            # just went, and ranges of days are found.
            models.UniqueConstraint(
                fields=("channel", "booked_on", "fingerprint", "occurrence"),
                name="statement_line_comes_once",
            ),
        )
        # A file's lines lie together and never move: it need not be told where each of them is.
        indexes = (BrinIndex("statement", autosummarize=True, name="statement_lines_together"),)

    def __str__(self) -> str:
        """Return day, amount and reference."""
        return f"{self.booked_on} {self.amount} {self.currency_id} {self.reference}"
