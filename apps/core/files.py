"""Files that people send: checked by size and content, named by their SHA-256."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.http import FileResponse
from django.utils.translation import gettext_lazy as _

from apps.core.errors import FinanceError
from apps.core.text import clean_text

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile
    from django.db.models import Model

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
    """The content is none of the kinds that prove something."""

    code = "file_type_is_refused"
    http_status = 415
    sentence = _(
        "%(filename)s is not a PDF, PNG, JPEG, office document, OFD, CSV, XML or text file "
        "as its name says."
    )


class TooManyFiles(FinanceError):
    """There are as many files as there may be."""

    code = "too_many_files"
    sentence = _("There are %(limit)s files already: no more can be attached.")


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be stored."""

    filename: str
    content_type: str
    content: bytes
    sha256: str


def checked_file(upload: UploadedFile[Any]) -> CheckedFile:
    """Read a file that somebody sent.

    Raises:
        FileIsTooLarge, FileTypeIsRefused: it cannot be taken.
    """
    filename = clean_text(PurePath(upload.name or "file").name, field="file")[:150]
    if (upload.size or 0) > MAX_BYTES:
        raise FileIsTooLarge(field="file", filename=filename, limit=MAX_BYTES // 1024**2)
    content = upload.read()
    digest = hashlib.sha256(content).hexdigest()
    return CheckedFile(filename, _content_type(content, filename), content, digest)


def store_file(model: type[Model], file: CheckedFile, **values: Any) -> Any:
    """Write a file and its row; the columns are those of attachments."""
    row: Any = model(
        filename=file.filename,
        content_type=file.content_type,
        size=len(file.content),
        sha256=file.sha256,
        **values,
    )
    row.file.save(file.filename, ContentFile(file.content), save=False)
    row.save(force_insert=True)
    return row


def sent_for_saving(attachment: Any) -> FileResponse:
    """Return the answer that hands an attachment out: for saving, never shown in a page."""
    response = FileResponse(
        attachment.file.open("rb"),
        as_attachment=True,
        filename=attachment.filename,
        content_type=attachment.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a stored file, read in chunks; `missing` where there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "missing"


def _content_type(content: bytes, filename: str) -> str:
    suffix = PurePath(filename).suffix.lower()
    for signature, content_type, suffixes in _SIGNATURES:
        if content.startswith(signature) and suffix in suffixes:
            return content_type
    if suffix in _TEXT_SUFFIXES and b"\x00" not in content:
        return _TEXT_SUFFIXES[suffix]
    raise FileTypeIsRefused(field="file", filename=filename)
