"""Dimensions 辅助核算: what an amount is about beside its account.

A combination of values is interned as one `DimensionSet`, so that a line and a balance
carry one integer however many dimensions there are; null is no dimension.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.core.models import VersionedModel
from apps.ledgers.models.names import BilingualName


class DimensionType(BilingualName, VersionedModel):
    """A kind of dimension: department, cost centre, customer, supplier, project, employee."""

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, related_name="dimension_types"
    )
    code = models.SlugField(_("code"), max_length=20)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("dimension")
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "code"), name="dimension_type_code_is_unique"
            ),
        )


class DimensionValue(BilingualName, VersionedModel):
    """A department, customer, … ; its code is unique in the organization."""

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, related_name="+"
    )
    type = models.ForeignKey(DimensionType, models.PROTECT, related_name="values")
    code = models.CharField(_("code"), max_length=30)
    initials = models.CharField(max_length=120, blank=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    # Who answers for what is booked on it; a flow may ask them.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("dimension value")
        ordering = ("code",)
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "code"), name="dimension_value_code_is_unique"
            ),
        )


class DimensionSet(models.Model):
    """An interned combination of dimension values; never changed, never deleted."""

    organization = models.ForeignKey(
        "organizations.Organization", models.PROTECT, related_name="+"
    )
    # Both sorted ascending; at most one value of each type.
    value_ids = ArrayField(models.BigIntegerField())
    type_ids = ArrayField(models.BigIntegerField())
    label = models.CharField(max_length=200)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "value_ids"), name="dimension_set_is_interned_once"
            ),
        )
        indexes = (GinIndex(fields=("value_ids",), name="dimension_set_values"),)

    def __str__(self) -> str:
        """Return the codes of the values."""
        return self.label
