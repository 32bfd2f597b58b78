"""Drafting: what people write, save, hand over, take back and give up."""

from __future__ import annotations

from datetime import date

import pytest

from apps.audit.models import OperationLog
from apps.core.errors import InvalidText, StaleVersion
from apps.ledgers.errors import (
    EntryHasProblems,
    IllegalStep,
    NoPeriod,
    NotTheMaker,
    PeriodTakesNoEntries,
)
from apps.ledgers.models import EntryState, JournalEntry
from apps.ledgers.services.drafts import (
    cancel_journal_entry,
    copy_journal_entry,
    create_draft,
    save_draft,
    submit_journal_entry,
    withdraw_journal_entry,
)
from apps.ledgers.services.entry_facts import lines_of
from tests.factories import (
    DAY,
    make_account,
    make_accountant,
    make_content,
    make_draft,
    make_ledger,
    make_posted,
    make_submitted,
)

pytestmark = pytest.mark.django_db


def test_a_draft_may_be_out_of_balance() -> None:
    ledger = make_ledger()

    draft = make_draft(ledger, (make_account(ledger), "5.00"))

    assert (draft.state, draft.number, draft.version) == (EntryState.DRAFT, None, 1)
    assert draft.total == 5


def test_the_same_form_key_makes_one_draft() -> None:
    ledger = make_ledger()
    maker = make_accountant(ledger)
    content = make_content((make_account(ledger), "5.00"))

    first = create_draft(ledger, content, actor=maker, form_key="form-1")
    second = create_draft(ledger, content, actor=maker, form_key="form-1")

    assert first == second
    assert JournalEntry.objects.count() == 1


def test_saving_replaces_the_lines_and_the_log_keeps_what_they_were() -> None:
    ledger = make_ledger()
    bank, sales = make_account(ledger), make_account(ledger)
    draft = make_draft(ledger, (bank, "5.00"))

    save_draft(
        draft,
        make_content((bank, "6.00"), (sales, "-6.00"), summary="rent"),
        version=1,
        actor=draft.maker,
    )

    assert [line.base_amount for line in lines_of(draft)] == [6, -6]
    assert (draft.version, draft.summary) == (2, "rent")
    log = OperationLog.objects.of_resource("ledgers_journalline", draft.pk)
    assert [line["amount"] for line in (log[0].before or {})["lines"]] == [5]


def test_saving_at_a_stale_version_changes_nothing() -> None:
    ledger = make_ledger()
    bank = make_account(ledger)
    draft = make_draft(ledger, (bank, "5.00"))
    save_draft(draft, make_content((bank, "6.00")), version=1, actor=draft.maker)

    with pytest.raises(StaleVersion):
        save_draft(draft, make_content((bank, "7.00")), version=1, actor=draft.maker)

    assert [line.base_amount for line in lines_of(draft)] == [6]


def test_a_draft_belongs_to_its_maker() -> None:
    ledger = make_ledger()
    draft = make_draft(ledger)
    other = make_accountant(ledger)

    for step in (submit_journal_entry, cancel_journal_entry):
        with pytest.raises(NotTheMaker):
            step(draft, version=1, actor=other)
    with pytest.raises(NotTheMaker):
        save_draft(draft, make_content(), version=1, actor=other)


@pytest.mark.parametrize(
    ("day", "error"),
    [(date(2026, 7, 1), PeriodTakesNoEntries), (date(2031, 1, 1), NoPeriod)],
)
def test_a_draft_lies_in_an_open_period(day: date, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        make_draft(make_ledger(), day=day)

    assert caught.value.field == "entry_date"  # type: ignore[attr-defined]


def test_a_summary_holds_no_hidden_characters() -> None:
    with pytest.raises(InvalidText):
        make_draft(make_ledger(), summary="pay\u202e001")


def test_submitting_names_every_problem_at_its_line_and_field() -> None:
    ledger = make_ledger()
    group, inactive = make_account(ledger, is_leaf=False), make_account(ledger, is_active=False)
    draft = make_draft(ledger, (group, "5.00"), (inactive, "-4.005"))

    with pytest.raises(EntryHasProblems) as caught:
        submit_journal_entry(draft, version=1, actor=draft.maker)

    found = [(one.position, one.field, one.error.code) for one in caught.value.problems]
    assert found == [
        (1, "account", "account_takes_no_postings"),
        (2, "account", "account_takes_no_postings"),
        (2, "credit", "too_many_decimals"),
        (0, "", "unbalanced_entry"),
    ]
    draft.refresh_from_db()
    assert (draft.state, draft.version) == (EntryState.DRAFT, 1)


def test_submitting_fixes_the_content_by_its_hash() -> None:
    ledger = make_ledger()
    entry = make_submitted(
        ledger, (make_account(ledger), "5.00"), (make_account(ledger), "-5.00")
    )

    assert entry.state == EntryState.SUBMITTED
    assert len(entry.content_hash) == 64
    with pytest.raises(IllegalStep):
        save_draft(entry, make_content(), version=entry.version, actor=entry.maker)


def test_withdrawing_makes_it_a_draft_again() -> None:
    ledger = make_ledger()
    entry = make_submitted(
        ledger, (make_account(ledger), "5.00"), (make_account(ledger), "-5.00")
    )

    withdraw_journal_entry(entry, version=entry.version, actor=entry.maker)

    assert (entry.state, entry.submitted_at) == (EntryState.DRAFT, None)


def test_a_cancelled_entry_keeps_its_row_and_goes_nowhere() -> None:
    draft = make_draft(make_ledger())

    cancel_journal_entry(draft, version=1, actor=draft.maker)

    assert (draft.state, draft.number) == (EntryState.CANCELLED, None)
    with pytest.raises(IllegalStep):
        submit_journal_entry(draft, version=2, actor=draft.maker)


def test_a_copy_is_a_new_draft_of_the_same_lines() -> None:
    ledger = make_ledger()
    entry = make_posted(ledger, (make_account(ledger), "5.00"), (make_account(ledger), "-5.00"))

    copy = copy_journal_entry(entry, entry_date=DAY, actor=make_accountant(ledger))

    assert (copy.state, copy.number, copy.idempotency_key) == (EntryState.DRAFT, None, None)
    assert lines_of(copy) == lines_of(entry)


def test_every_version_of_a_draft_is_in_its_history() -> None:
    ledger = make_ledger()
    entry = make_submitted(
        ledger, (make_account(ledger), "5.00"), (make_account(ledger), "-5.00")
    )

    states = list(entry.history.order_by("history_id").values_list("version", "state"))

    assert states == [(1, "draft"), (2, "submitted")]
