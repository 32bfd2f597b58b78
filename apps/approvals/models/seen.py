"""What each person last saw of a subject, so that what changed since can be shown."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.approvals.models.flows import amount_field
from apps.approvals.models.requests import ApprovalRequest
from apps.approvals.words import SubjectKind


class RequestView(models.Model):
    """The content of a subject as one person last saw it; it decides nothing."""

    subject_kind = models.CharField(_("subject"), max_length=20, choices=SubjectKind)
    subject_id = models.PositiveBigIntegerField(_("key of the subject"))
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    request = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="views")
    content_hash = models.CharField(_("hash of the content"), max_length=64)
    amount = amount_field(_("amount"))
    seen_at = models.DateTimeField(_("seen at"))

    class Meta:
        verbose_name = _("last look at a subject")
        constraints = (
            models.UniqueConstraint(
                fields=("person", "subject_kind", "subject_id"),
                name="look_is_one_for_each_person",
            ),
        )

    def __str__(self) -> str:
        """Return who looked at what."""
        return f"{self.person_id}: {self.subject_kind} {self.subject_id}"
