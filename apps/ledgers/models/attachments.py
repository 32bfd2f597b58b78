"""Files that prove an entry."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def attachment_path(attachment: Attachment, _filename: str) -> str:
    """Store by content, so that neither a name nor a path of the sender is ever used."""
    digest = attachment.sha256
    return f"attachments/{digest[:2]}/{digest}"


class Attachment(models.Model):
    """A stored file; its bytes are named by their SHA-256 and never change."""

    entry = models.ForeignKey(
        "ledgers.JournalEntry", models.PROTECT, related_name="attachments"
    )
    filename = models.CharField(_("file"), max_length=150)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField("SHA-256", max_length=64)
    file = models.FileField(upload_to=attachment_path, max_length=150)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    uploaded_at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("attachment")
        ordering = ("id",)

    def __str__(self) -> str:
        """Return the name of the file."""
        return self.filename
