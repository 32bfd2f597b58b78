"""What people say and show about a request; append-only, and it decides nothing."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.approvals.models.requests import ApprovalRequest


def request_file_path(attachment: RequestAttachment, _filename: str) -> str:
    """Store by content, so that neither a name nor a path of the sender is ever used."""
    digest = attachment.sha256
    return f"requests/{digest[:2]}/{digest}"


class RequestComment(models.Model):
    """What somebody said about a request."""

    request = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.CharField(_("comment"), max_length=2000)
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("comment on a request")
        ordering = ("request", "pk")

    def __str__(self) -> str:
        """Return the text."""
        return self.text


class RequestAttachment(models.Model):
    """A file shown with a request; its bytes are named by their SHA-256 and never change."""

    request = models.ForeignKey(ApprovalRequest, models.PROTECT, related_name="attachments")
    filename = models.CharField(_("file"), max_length=150)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField("SHA-256", max_length=64)
    file = models.FileField(upload_to=request_file_path, max_length=150)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    uploaded_at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("file of a request")
        ordering = ("request", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("request", "sha256"), name="request_has_a_file_once"
            ),
        )

    def __str__(self) -> str:
        """Return the name of the file."""
        return self.filename
