"""Attachments: checked by size and content, named by their SHA-256."""

from __future__ import annotations

import hashlib
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError
from apps.core.operation import operation
from apps.core.text import clean_text
from apps.ledgers.models import Attachment, EntryState, JournalEntry

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from apps.organizations.models import User

MAX_BYTES = 20 * 1024 * 1024
MAX_FILES = 50

# The first bytes decide, not the name and not what the browser says. Office files are ZIP.
_SIGNATURES = (
    (b"%PDF-", "application/pdf", (".pdf",)),
    (b"\x89PNG\r\n\x1a\n", "image/png", (".png",)),
    (b"\xff\xd8\xff", "image/jpeg", (".jpg", ".jpeg")),
    (b"PK\x03\x04", "application/zip", (".xlsx", ".docx", ".ofd", ".zip")),
)
_TEXT_SUFFIXES = {".csv": "text/csv", ".txt": "text/plain", ".xml": "text/xml"}


class FileIsTooLarge(FinanceError):
    """The file is above the limit."""

    code = "file_is_too_large"
    http_status = 413
    sentence = _("%(filename)s is larger than %(limit)s MB.")


class FileTypeIsRefused(FinanceError):
    """The content is none of the kinds that prove an entry."""

    code = "file_type_is_refused"
    http_status = 415
    sentence = _(
        "%(filename)s is not a PDF, PNG, JPEG, office document, OFD, CSV, XML or text file "
        "as its name says."
    )


class TooManyFiles(FinanceError):
    """The entry has as many files as it may."""

    code = "too_many_files"
    sentence = _("An entry has at most %(limit)s attachments.")


def attach_file(entry: JournalEntry, upload: UploadedFile[Any], *, actor: User) -> Attachment:
    """Store a file with an entry; the same file twice is the same attachment.

    Raises:
        FileIsTooLarge, FileTypeIsRefused, TooManyFiles: the file cannot be taken.
        EntryIsFixed: the entry is cancelled.
    """
    filename = clean_text(PurePath(upload.name or "file").name, field="file")[:150]
    if (upload.size or 0) > MAX_BYTES:
        raise FileIsTooLarge(field="file", filename=filename, limit=MAX_BYTES // 1024**2)
    content = upload.read()
    content_type = _content_type(content, filename)
    digest = hashlib.sha256(content).hexdigest()
    same = entry.attachments.filter(sha256=digest).first()
    if same is not None:
        return same
    if entry.attachments.count() >= MAX_FILES or entry.state == EntryState.CANCELLED:
        raise TooManyFiles(field="file", limit=MAX_FILES)
    with operation("attachment.create", actor=actor):
        attachment = Attachment(
            entry=entry,
            filename=filename,
            content_type=content_type,
            size=len(content),
            sha256=digest,
            uploaded_by=actor,
        )
        attachment.file.save(filename, ContentFile(content), save=False)
        attachment.save(force_insert=True)
    return attachment


def _content_type(content: bytes, filename: str) -> str:
    suffix = PurePath(filename).suffix.lower()
    for signature, content_type, suffixes in _SIGNATURES:
        if content.startswith(signature) and suffix in suffixes:
            return content_type
    if suffix in _TEXT_SUFFIXES and b"\x00" not in content:
        return _TEXT_SUFFIXES[suffix]
    raise FileTypeIsRefused(field="file", filename=filename)
