"""What people say and show about a break; append-only, and it decides nothing."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.reconciliation.models.breaks import Break


def break_file_path(attachment: BreakAttachment, _filename: str) -> str:
    """Store by content, so that neither a name nor a path of the sender is ever used."""
    digest = attachment.sha256
    return f"breaks/{digest[:2]}/{digest}"


class BreakComment(models.Model):
    """What somebody said about a break."""

    # `break` is a word of Python.
    about = models.ForeignKey(Break, models.PROTECT, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.CharField(_("comment"), max_length=2000)
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("comment on a break")
        ordering = ("about", "pk")

    def __str__(self) -> str:
        """Return the text."""
        return self.text


class BreakAttachment(models.Model):
    """A file shown with a break; its bytes are named by their SHA-256 and never change."""

    about = models.ForeignKey(Break, models.PROTECT, related_name="attachments")
    filename = models.CharField(_("file"), max_length=150)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField("SHA-256", max_length=64)
    file = models.FileField(upload_to=break_file_path, max_length=150)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    uploaded_at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("file of a break")
        ordering = ("about", "pk")
        constraints = (
            models.UniqueConstraint(fields=("about", "sha256"), name="break_has_a_file_once"),
        )

    def __str__(self) -> str:
        """Return the name of the file."""
        return self.filename
