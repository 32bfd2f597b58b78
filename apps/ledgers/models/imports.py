"""Imports of journal entries from files.

    uploaded → mapped → checking → ready → importing → done ⇄ approving
                           └→ faulty          └→ failed        (nothing imported)

All or nothing: either every entry of the file exists, submitted and waiting for another
person, or none; and all of them are approved and posted together, or none. The state
lives here, not in the queue: a worker that dies is replaced.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.ledgers.models.choices import EntryKind, Word


def import_path(journal_import: JournalImport, _filename: str) -> str:
    """Store by content."""
    return f"imports/{journal_import.sha256[:2]}/{journal_import.sha256}"


class JournalImport(models.Model):
    """One file on its way into the journal."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("uploaded")
        MAPPED = "mapped", _("columns mapped")
        CHECKING = "checking", _("being checked")
        FAULTY = "faulty", _("has errors")
        READY = "ready", _("ready to import")
        IMPORTING = "importing", _("being imported")
        DONE = "done", _("imported")
        APPROVING = "approving", _("being approved")
        FAILED = "failed", _("failed")

    ledger = models.ForeignKey("ledgers.Ledger", models.PROTECT, related_name="imports")
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.UPLOADED)
    filename = models.CharField(_("file"), max_length=150)
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=import_path, max_length=150)
    headers = models.JSONField(default=list)
    # An ImportMapping as JSON; see domain/import_mapping.py.
    mapping = models.JSONField(default=dict)
    word = models.CharField(_("word"), max_length=8, choices=Word, default=Word.GENERAL)
    kind = models.CharField(
        _("kind"), max_length=16, choices=EntryKind, default=EntryKind.ORDINARY
    )
    row_count = models.PositiveIntegerField(_("rows"), default=0)
    entry_count = models.PositiveIntegerField(_("entries"), default=0)
    done_count = models.PositiveIntegerField(_("done"), default=0)
    error_count = models.PositiveIntegerField(_("errors"), default=0)
    failure = models.TextField(_("failure"), blank=True)
    # A claim of a worker ends at `lease_until`; `attempt` fences a late one off.
    lease_until = models.DateTimeField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    # Who approves all entries of the import, and whether they post them too.
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    posts_too = models.BooleanField(default=False)
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("import")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("ledger", "sha256"),
                condition=models.Q(state__in=("importing", "done", "approving")),
                name="import_file_is_imported_once",
            ),
        )

    def __str__(self) -> str:
        """Return the name of the file."""
        return self.filename


class JournalImportError(models.Model):
    """One thing wrong in a file: which row, which field, why."""

    journal_import = models.ForeignKey(JournalImport, models.CASCADE, related_name="errors")
    row = models.PositiveIntegerField(_("row"))
    field = models.CharField(_("field"), max_length=60)
    # The code and the values of a FinanceError, so that each reader gets the own language.
    code = models.CharField(max_length=60)
    values = models.JSONField(default=dict)
    message = models.CharField(_("reason"), max_length=500)

    class Meta:
        ordering = ("row", "id")

    def __str__(self) -> str:
        """Return row, field and reason."""
        return f"{self.row} {self.field}: {self.message}"
