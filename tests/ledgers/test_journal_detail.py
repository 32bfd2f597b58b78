"""The page of an entry: lines, way, history, files and the printed voucher."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.ledgers.models import Attachment
from apps.organizations.permissions import Role
from tests.factories import (
    make_approver,
    make_draft,
    make_posted,
    make_submitted,
    make_user,
)
from tests.ledgers.journal_pages import Books, client_of, form_data, make_books

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\nproof"


@pytest.fixture
def books() -> Books:
    """Return new books."""
    return make_books()


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def posted(books: Books) -> Any:
    """Return a posted entry of 1,234.50."""
    return make_posted(books.ledger, (books.bank, "1234.50"), (books.sales, "-1234.50"))


def test_it_shows_lines_route_and_the_steps_open_to_the_reader(books: Books) -> None:
    entry = make_submitted(books.ledger, (books.bank, "5"), (books.sales, "-5"))

    page = client_of(make_approver(books.ledger)).get(entry.get_absolute_url())

    assert page.context["actions"] == {"approve", "reject"}
    assert [step.state for step in page.context["route"]] == ["done", "done", "now"]
    assert b"1002" in page.content


def test_it_offers_no_step_of_others_to_an_accountant(books: Books) -> None:
    entry = posted(books)

    page = books.client.get(entry.get_absolute_url())

    assert page.context["actions"] == {"copy", "attach"}


def test_the_history_shows_fields_and_lines_before_and_after_in_words(books: Books) -> None:
    entry = make_draft(
        books.ledger, (books.bank, "5"), (books.sales, "-5"), maker=books.maker, summary="Old"
    )
    data = form_data(version="1", summary="New")
    books.client.post(books.url("journal_entry_edit", entry.pk), data)

    page = books.client.get(entry.get_absolute_url(), {"tab": "history"})

    newest = page.context["history"][0]
    changes = {change.field: (change.before, change.after) for change in newest.changes}
    assert newest.who == books.maker.display_name()
    assert changes["Summary"] == ("Old", "New")
    assert changes["Total"] == ("5.00", "100.00")
    assert changes["Line 1"] == ("1002 Bank · debit 5.00", "1002 Bank · debit 100.00")


def test_the_history_names_the_people_and_the_reason(books: Books) -> None:
    entry = make_submitted(books.ledger, (books.bank, "5"), (books.sales, "-5"))
    checker = make_approver(books.ledger)
    url = books.url("journal_entry_reject", entry.pk)
    client_of(checker).post(url, {"version": entry.version, "reason": "No invoice"})

    page = books.client.get(entry.get_absolute_url(), {"tab": "history"})

    newest = page.context["history"][0]
    assert (newest.kind, newest.reason) == ("journal_entry.reject", "No invoice")
    assert newest.trace_id in page.content.decode()


@pytest.mark.parametrize("tab", ["lines", "history"])
def test_it_needs_few_queries_however_many_lines_there_are(books: Books, tab: str) -> None:
    lines = [(books.bank, "1")] * 30 + [(books.sales, "-30")]
    url = make_posted(books.ledger, *lines).get_absolute_url()

    with CaptureQueriesContext(connection) as queries:
        books.client.get(url, {"tab": tab})

    assert len(queries) <= 12


def test_an_entry_of_another_organization_does_not_exist(books: Books) -> None:
    entry = posted(books)
    stranger = make_books()

    own_ledger = stranger.url("journal_entry_detail", entry.pk)
    assert stranger.client.get(entry.get_absolute_url()).status_code == 404
    assert stranger.client.get(own_ledger).status_code == 404


def test_the_voucher_shows_the_amount_in_capital_numerals(books: Books) -> None:
    entry = posted(books)

    page = books.client.get(books.url("journal_entry_print", entry.pk))

    assert "壹仟贰佰叁拾肆元伍角整" in page.content.decode()
    assert len(page.context["sheets"]) == 1


def test_a_long_entry_prints_on_several_sheets(books: Books) -> None:
    lines = [(books.bank, "1")] * 9 + [(books.sales, "-9")]
    entry = make_draft(books.ledger, *lines)

    page = books.client.get(books.url("journal_entry_print", entry.pk))

    assert len(page.context["sheets"]) == 2


def test_a_file_is_kept_and_sent_back_for_saving(books: Books) -> None:
    entry = posted(books)
    upload = SimpleUploadedFile("发票 1.pdf", PDF, content_type="text/html")

    books.client.post(books.url("attachment_create", entry.pk), {"file": upload})

    attachment = Attachment.objects.get()
    answer = books.client.get(books.url("attachment_download", attachment.pk))
    assert b"".join(answer) == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "application/pdf"


@pytest.mark.parametrize(
    ("name", "content"), [("page.html", b"<script>"), ("fake.pdf", b"MZ"), ("a.svg", b"<svg>")]
)
def test_it_refuses_a_file_of_another_kind(books: Books, name: str, content: bytes) -> None:
    upload = SimpleUploadedFile(name, content)

    page = books.client.post(
        books.url("attachment_create", posted(books).pk), {"file": upload}, follow=True
    )

    assert not Attachment.objects.exists()
    assert [m.level_tag for m in page.context["messages"]] == ["error"]


def test_a_file_of_another_organization_does_not_exist(books: Books) -> None:
    entry = posted(books)
    upload = SimpleUploadedFile("a.pdf", PDF)
    books.client.post(books.url("attachment_create", entry.pk), {"file": upload})
    stranger = make_books()

    answer = stranger.client.get(
        stranger.url("attachment_download", Attachment.objects.get().pk)
    )

    assert answer.status_code == 404


def test_an_administrator_sees_no_entry(books: Books) -> None:
    admin = make_user(books.ledger.organization, Role.ADMIN)

    assert client_of(admin).get(posted(books).get_absolute_url()).status_code == 403
