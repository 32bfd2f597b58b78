"""Filters that a person keeps under a name."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedView(models.Model):
    """A query string of a list page; `page` is the URL name of the list."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ledger = models.ForeignKey("ledgers.Ledger", models.PROTECT, related_name="+")
    page = models.CharField(max_length=60)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=1000, blank=True)

    class Meta:
        verbose_name = _("saved view")
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=("user", "ledger", "page", "name"), name="saved_view_name_is_unique"
            ),
        )

    def __str__(self) -> str:
        """Return the name."""
        return self.name
