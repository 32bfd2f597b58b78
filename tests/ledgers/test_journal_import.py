"""Importing a file: checked row by row, all or nothing, decided by another person."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.ledgers.domain.import_mapping import ImportMapping
from apps.ledgers.errors import MakerIsChecker
from apps.ledgers.import_errors import FileWasImported
from apps.ledgers.models import AccountTotal, EntryState, JournalEntry, JournalImport, Ledger
from apps.ledgers.services.import_decisions import check_decision
from apps.ledgers.services.import_jobs import progress_of, run_import_job, unfinished_imports
from apps.ledgers.services.import_pages import (
    failure_text,
    faults_of,
    preview_of,
    progress_of_page,
    states_of_entries,
    step_of,
)
from apps.ledgers.services.journal_imports import (
    check_journal_import,
    decide_journal_import,
    is_stuck,
    map_journal_import,
    start_journal_import,
    upload_journal_import,
)
from apps.organizations.models import User
from tests.factories import make_account, make_accountant, make_ledger, make_senior

pytestmark = pytest.mark.django_db

GOOD = """voucher,date,summary,account,debit,credit
1,2026-01-10,Rent,6602,1000.00,
1,2026-01-10,Rent,1002,,1000.00
2,2026-01-11,=cmd|x,1002,50.00,
2,2026-01-11,=cmd|x,6001,,50.00
"""
BAD = """voucher,date,summary,account,debit,credit
1,2026-01-10,Rent,6602,1000.005,
1,2026-01-10,Rent,9999,,1000.00
2,2026-31-12,Sale,1002,１２,
3,2026-01-11,Sale,1002,50.00,
3,2026-01-11,Sale,6001,,49.99
4,2026-09-11,Late,1002,5.00,
4,2026-09-11,Late,6001,,5.00
"""


@pytest.fixture(autouse=True)
def _no_bell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tests do the work that the queue would call a worker for."""
    monkeypatch.setattr("apps.ledgers.services.journal_imports.ring", lambda _: None)


@pytest.fixture
def ledger() -> Ledger:
    """Return a ledger with the accounts of the files."""
    ledger = make_ledger()
    for code in ("1002", "6001", "6602"):
        make_account(ledger, code)
    return ledger


def checked(ledger: Ledger, text: str, maker: User) -> JournalImport:
    """Return an import after its check."""
    made = upload_journal_import(ledger, text.encode(), "entries.csv", actor=maker)
    guessed = ImportMapping.from_json(made.mapping)
    map_journal_import(made, guessed, version=made.version, actor=maker)
    check_journal_import(made, version=made.version, actor=maker)
    assert run_import_job(made.pk)
    made.refresh_from_db()
    return made


def imported(ledger: Ledger, maker: User) -> JournalImport:
    """Return an import whose entries wait for another person."""
    return imported_text(ledger, GOOD, maker)


def imported_text(ledger: Ledger, text: str, maker: User) -> JournalImport:
    """Return the import of a text, whose entries wait for another person."""
    made = checked(ledger, text, maker)
    start_journal_import(made, version=made.version, actor=maker)
    assert run_import_job(made.pk)
    made.refresh_from_db()
    return made


def test_it_shows_the_entries_that_the_file_would_make(ledger: Ledger) -> None:
    made = upload_journal_import(ledger, GOOD.encode(), "e.csv", actor=make_accountant(ledger))

    preview = preview_of(made)

    assert len(preview.entries) == 2
    assert not JournalEntry.objects.exists()


def test_it_names_every_fault_by_row_and_field_and_imports_nothing(ledger: Ledger) -> None:
    made = checked(ledger, BAD, make_accountant(ledger))

    assert made.state == JournalImport.State.FAULTY
    faults = [(fault.row, str(fault.reason)) for fault in faults_of(made.errors.all())]
    assert {2, 3, 4}.issubset({row for row, _ in faults})
    assert any("0.01" in reason for _, reason in faults)
    assert any("2026-09" in reason for _, reason in faults)
    assert not JournalEntry.objects.exists()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_mark_at_the_start_and_chinese_encodings_are_read(
    ledger: Ledger, encoding: str
) -> None:
    text = GOOD.replace("Rent", "房租").replace("summary", "摘要")
    maker = make_accountant(ledger)

    made = upload_journal_import(ledger, text.encode(encoding), "e.csv", actor=maker)

    assert "摘要" in made.headers


def test_all_entries_arrive_submitted_for_another_person(ledger: Ledger) -> None:
    maker = make_accountant(ledger)

    made = imported(ledger, maker)

    assert (made.state, made.entry_count) == (JournalImport.State.DONE, 2)
    entries = JournalEntry.objects.order_by("pk")
    assert [(e.state, e.source, e.maker) for e in entries] == [
        (EntryState.SUBMITTED, "import", maker)
    ] * 2
    assert [(one.state, one.count) for one in states_of_entries(made)] == [("submitted", 2)]
    assert failure_text(made) == ""
    assert not progress_of_page(made).is_running


def test_another_person_approves_and_posts_the_whole(ledger: Ledger) -> None:
    made = imported(ledger, make_accountant(ledger))

    decide_journal_import(made, version=made.version, actor=make_senior(ledger), posts_too=True)
    assert run_import_job(made.pk)

    assert JournalEntry.objects.posted().count() == 2
    bank = AccountTotal.objects.get(account__code="1002")
    assert (bank.debit, bank.credit) == (50, 1000)


def test_the_maker_does_not_decide(ledger: Ledger) -> None:
    senior = make_senior(ledger)
    made = imported(ledger, senior)

    with pytest.raises(MakerIsChecker):
        check_decision(made, actor=senior, posts_too=False)


def test_the_same_file_is_imported_once(ledger: Ledger) -> None:
    maker = make_accountant(ledger)
    imported(ledger, maker)

    with pytest.raises(FileWasImported):
        upload_journal_import(ledger, GOOD.encode(), "again.csv", actor=maker, may_repeat=True)


def test_a_job_that_runs_twice_does_its_work_once(ledger: Ledger) -> None:
    made = imported(ledger, make_accountant(ledger))

    assert run_import_job(made.pk)

    assert JournalEntry.objects.count() == 2


def test_an_import_whose_worker_died_is_found_again(ledger: Ledger) -> None:
    maker = make_accountant(ledger)
    made = upload_journal_import(ledger, GOOD.encode(), "e.csv", actor=maker)
    guessed = ImportMapping.from_json(made.mapping)
    map_journal_import(made, guessed, version=made.version, actor=maker)
    check_journal_import(made, version=made.version, actor=maker)

    assert is_stuck(made)
    assert unfinished_imports() == [made.pk]
    assert progress_of(made) == 0


def test_errors_name_their_field_in_the_language_of_the_reader(ledger: Ledger) -> None:
    maker = make_accountant(ledger)
    made = checked(ledger, BAD, maker)
    client = Client(HTTP_ACCEPT_LANGUAGE="zh-hans")
    client.force_login(maker)
    url = reverse("ledgers:journal_import_detail", args=(ledger.code, made.pk))
    errors = reverse("ledgers:journal_import_errors", args=(ledger.code, made.pk))

    assert "<td>借方</td>" in client.get(url).content.decode()
    assert "2,借方," in client.get(errors).getvalue().decode()


def test_a_missing_column_is_named_by_its_label(ledger: Ledger) -> None:
    maker = make_accountant(ledger)
    made = upload_journal_import(ledger, GOOD.encode(), "e.csv", actor=maker)
    client = Client(HTTP_ACCEPT_LANGUAGE="zh-hans")
    client.force_login(maker)
    url = reverse("ledgers:journal_import_map", args=(ledger.code, made.pk))

    answer = client.post(url, {"version": made.version, "column_date": "{date}"})

    assert answer.status_code == 422
    assert "“科目”" in answer.content.decode()


def test_progress_of_an_import_counts_reading_and_writing(ledger: Ledger) -> None:
    made = checked(ledger, GOOD, make_accountant(ledger))
    made.state = JournalImport.State.IMPORTING

    assert progress_of_page(made).total == made.row_count + made.entry_count == 6


def test_the_wizard_says_which_step_comes_next(ledger: Ledger) -> None:
    made = imported(ledger, make_accountant(ledger))
    assert step_of(made) == 5

    decide_journal_import(made, version=made.version, actor=make_senior(ledger), posts_too=True)
    run_import_job(made.pk)
    made.refresh_from_db()

    assert step_of(made) == 6
