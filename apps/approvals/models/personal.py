"""What one person keeps: filters of lists, and whether and when a digest comes by e-mail."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.core.models import VersionedModel

DEFAULT_HOUR = 8


class SavedFilter(models.Model):
    """A query string of a list page; `page` is the URL name of the list."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    page = models.CharField(max_length=60)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=1000, blank=True)

    class Meta:
        verbose_name = _("saved filter")
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=("user", "page", "name"), name="saved_filter_name_is_unique"
            ),
        )

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class DigestPreference(VersionedModel):
    """Whether a person wants the digest, and from which hour of the day on."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="digest_preference"
    )
    is_wanted = models.BooleanField(_("digest by e-mail"), default=True)
    hour = models.PositiveSmallIntegerField(_("from"), default=DEFAULT_HOUR)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("digest by e-mail")
        constraints = (
            models.CheckConstraint(condition=Q(hour__lte=23), name="digest_hour_is_of_a_day"),
        )

    def __str__(self) -> str:
        """Return whose it is."""
        return f"{self.user_id}: {self.hour}"


class DigestMail(models.Model):
    """A digest of one person and day, written before it is sent: so none goes out twice.

    Without tasks nothing is sent. Neither sent nor failed is one that is on its way, or whose
    process died: nobody knows whether it arrived, and it is not sent again.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    day = models.DateField(_("day"))
    task_count = models.PositiveIntegerField(_("open tasks"))
    claimed_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    failed_at = models.DateTimeField(_("failed at"), null=True)
    failure = models.CharField(_("failure"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("digest that was sent")
        constraints = (
            models.UniqueConstraint(fields=("user", "day"), name="digest_is_one_for_each_day"),
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(failed_at=None), name="digest_is_sent_or_failed"
            ),
        )

    def __str__(self) -> str:
        """Return for whom and when."""
        return f"{self.user_id}: {self.day}"
