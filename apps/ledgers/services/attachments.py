"""Attachments of entries; `apps.core.files` says which files are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from apps.core.files import MAX_FILES, TooManyFiles, checked_file, store_file
from apps.core.operation import operation
from apps.ledgers.models import Attachment, EntryState, JournalEntry

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from apps.organizations.models import User


def attach_file(entry: JournalEntry, upload: UploadedFile[Any], *, actor: User) -> Attachment:
    """Store a file with an entry; the same file twice is the same attachment.

    Raises:
        FileIsTooLarge, FileTypeIsRefused, TooManyFiles: the file cannot be taken.
        EntryIsFixed: the entry is cancelled.
    """
    file = checked_file(upload)
    same = entry.attachments.filter(sha256=file.sha256).first()
    if same is not None:
        return same
    if entry.attachments.count() >= MAX_FILES or entry.state == EntryState.CANCELLED:
        raise TooManyFiles(field="file", limit=MAX_FILES)
    with operation("attachment.create", actor=actor):
        return cast("Attachment", store_file(Attachment, file, entry=entry, uploaded_by=actor))
