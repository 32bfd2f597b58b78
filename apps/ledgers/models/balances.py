"""Balances, which only posting changes.

`AccountBalance` holds the turnover of a period by account, dimensions and currency;
`AccountTotal` is the same without dimensions and in base currency only, which trial
balances read. Both are kept by `ledgers_post`, by deltas with `version = version + 1`.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from apps.ledgers.models.choices import Bucket


def _turnover() -> models.DecimalField[Any, Any]:
    return models.DecimalField(max_digits=24, decimal_places=4, default=0)


class AccountBalance(models.Model):
    """Turnover of one account, dimension set and currency in one period."""

    # Constrained together by balance_period_is_of_ledger.
    ledger = models.ForeignKey(
        "ledgers.Ledger",
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    period = models.ForeignKey(
        "ledgers.Period",
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    account = models.ForeignKey("ledgers.Account", models.PROTECT, related_name="+")
    dimension_set = models.ForeignKey(
        "ledgers.DimensionSet", models.PROTECT, null=True, related_name="+", db_index=False
    )
    currency = models.ForeignKey(
        "organizations.Currency", models.PROTECT, related_name="+", db_index=False
    )
    bucket = models.SmallIntegerField(choices=Bucket, default=Bucket.ORDINARY)
    debit = _turnover()
    credit = _turnover()
    base_debit = _turnover()
    base_credit = _turnover()
    version = models.BigIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("ledger", "period", "account", "dimension_set", "currency", "bucket"),
                nulls_distinct=False,
                name="balance_is_kept_once",
            ),
        )

    def __str__(self) -> str:
        """Return the key and the turnover."""
        return f"{self.period_id}/{self.account_id}: {self.base_debit} {self.base_credit}"


class AccountTotal(models.Model):
    """Turnover of one account in one period, in base currency."""

    # Constrained together by total_period_is_of_ledger.
    ledger = models.ForeignKey(
        "ledgers.Ledger",
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    period = models.ForeignKey(
        "ledgers.Period",
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    account = models.ForeignKey("ledgers.Account", models.PROTECT, related_name="totals")
    bucket = models.SmallIntegerField(choices=Bucket, default=Bucket.ORDINARY)
    debit = _turnover()
    credit = _turnover()
    line_count = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("ledger", "period", "account", "bucket"), name="total_is_kept_once"
            ),
        )

    def __str__(self) -> str:
        """Return the key and the turnover."""
        return f"{self.period_id}/{self.account_id}: {self.debit} {self.credit}"


class EntryCounter(models.Model):
    """The last number given out in a ledger, period and word."""

    # Constrained together by counter_period_is_of_ledger.
    ledger = models.ForeignKey(
        "ledgers.Ledger",
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    period = models.ForeignKey(
        "ledgers.Period",
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    word = models.CharField(max_length=8)
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("ledger", "period", "word"), name="counter_is_kept_once"
            ),
        )

    def __str__(self) -> str:
        """Return the key and the last number."""
        return f"{self.period_id}/{self.word}: {self.last_number}"
