"""Attachments: what is taken, what is refused, and under which name it is kept."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.core import files
from apps.core.errors import InvalidText
from apps.core.files import FileIsTooLarge, FileTypeIsRefused, TooManyFiles
from apps.ledgers.errors import EntryIsFixed
from apps.ledgers.models import JournalEntry
from apps.ledgers.services import attachments
from apps.ledgers.services.attachments import attach_file
from apps.ledgers.services.drafts import cancel_journal_entry
from tests.factories import make_account, make_draft, make_ledger, make_posted

if TYPE_CHECKING:
    from pathlib import Path

    from django.conf import LazySettings

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 invoice"


@pytest.fixture(autouse=True)
def _own_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def draft() -> JournalEntry:
    """Return a draft."""
    ledger = make_ledger()
    return make_draft(ledger, (make_account(ledger), "1.00"), (make_account(ledger), "-1.00"))


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    """Return what a browser sends; it may claim any type."""
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def test_a_file_is_kept_with_size_type_and_sha256(draft: JournalEntry) -> None:
    file = attach_file(draft, upload("invoice.pdf", PDF), actor=draft.maker)

    assert (file.filename, file.size, file.content_type) == (
        "invoice.pdf",
        len(PDF),
        "application/pdf",
    )
    assert file.sha256 == hashlib.sha256(PDF).hexdigest()
    assert file.file.read() == PDF
    file.file.close()


def test_the_same_content_twice_is_one_attachment(draft: JournalEntry) -> None:
    first = attach_file(draft, upload("a.pdf", PDF), actor=draft.maker)

    assert attach_file(draft, upload("b.pdf", PDF), actor=draft.maker) == first
    assert draft.attachments.count() == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("run.exe", b"MZ\x90\x00"),
        ("page.html", b"<script>alert(1)</script>"),
        ("picture.svg", b"<svg onload='alert(1)'/>"),
        ("invoice.pdf", b"MZ\x90\x00"),
        ("invoice.png", PDF),
        ("table.csv", b"a\x00b"),
        ("noname", b"text"),
        ("empty.pdf", b""),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    draft: JournalEntry, name: str, content: bytes
) -> None:
    with pytest.raises(FileTypeIsRefused):
        attach_file(draft, upload(name, content), actor=draft.maker)

    assert not draft.attachments.exists()


def test_a_file_above_the_limit_is_refused_before_it_is_read(
    draft: JournalEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", len(PDF) - 1)
    large = upload("invoice.pdf", PDF)

    with pytest.raises(FileIsTooLarge):
        attach_file(draft, large, actor=draft.maker)

    assert large.tell() == 0


def test_an_entry_takes_only_so_many_files(
    draft: JournalEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "MAX_FILES", 1)
    attach_file(draft, upload("a.pdf", PDF), actor=draft.maker)

    with pytest.raises(TooManyFiles):
        attach_file(draft, upload("b.pdf", PDF + b"2"), actor=draft.maker)


def test_a_path_in_the_name_is_dropped(draft: JournalEntry) -> None:
    file = attach_file(draft, upload("../../etc/invoice.pdf", PDF), actor=draft.maker)

    assert file.filename == "invoice.pdf"
    assert ".." not in str(file.file.name)


def test_a_name_that_reads_backwards_is_refused(draft: JournalEntry) -> None:
    with pytest.raises(InvalidText):
        attach_file(draft, upload("invoice\u202efdp.pdf", PDF), actor=draft.maker)


def test_a_posted_entry_takes_a_receipt_and_a_cancelled_one_does_not(
    draft: JournalEntry,
) -> None:
    lines = (make_account(draft.ledger), "1.00"), (make_account(draft.ledger), "-1.00")
    posted = make_posted(draft.ledger, *lines)
    cancel_journal_entry(draft, version=draft.version, actor=draft.maker)
    draft.refresh_from_db()

    attach_file(posted, upload("receipt.pdf", PDF), actor=posted.maker)

    assert posted.attachments.count() == 1
    with pytest.raises((EntryIsFixed, TooManyFiles)):
        attach_file(draft, upload("receipt.pdf", PDF), actor=draft.maker)
