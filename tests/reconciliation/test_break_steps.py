"""Steps of one break, and writing a difference off through an entry that others approve."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from apps.core.errors import FinanceError, Forbidden, InvalidInput, StaleVersion
from apps.events.services.consumers import Event
from apps.events.words import Topic
from apps.fx.errors import NoRate
from apps.ledgers.models import JournalEntry
from apps.ledgers.services.decisions import mark_approved
from apps.ledgers.services.drafts import (
    save_draft,
    submit_journal_entry,
    withdraw_journal_entry,
)
from apps.ledgers.services.posting import post_journal_entry
from apps.organizations.permissions import Role
from apps.reconciliation.errors import (
    BreakIsTaken,
    NothingIsSuggested,
    NothingToWriteOff,
    ReasonIsMissing,
    WriteOffAccount,
    WriteOffGoesOn,
)
from apps.reconciliation.models import Break, MatchedItem, WriteOff
from apps.reconciliation.services import break_steps as steps
from apps.reconciliation.services.break_page import files_of
from apps.reconciliation.services.break_writing_off import (
    book_write_offs,
    drop_write_off,
    propose_write_off,
)
from tests.factories import (
    DAY,
    make_account,
    make_content,
    make_ledger,
    make_senior,
    make_user,
)
from tests.fx_rates import make_rate
from tests.permission_world import signed_in
from tests.reconciliation.test_hand_matches import make_open, seen, states
from tests.reconciliation.world import run_now
from tests.statements.world import make_channel, make_line, make_statement, read

pytestmark = pytest.mark.django_db


def test_a_break_waits_is_disputed_and_opened_again() -> None:
    _channel, user = make_open(("5.00",), ())
    found, soon = Break.objects.get(), timezone.localdate() + timedelta(days=3)

    found = steps.wait_until(found, soon, version=1, reason="on its way", actor=user)
    assert (found.state, found.waits_until, found.note) == ("waiting", soon, "on its way")
    found = steps.dispute(found, version=2, reason="they owe it", actor=user)
    assert (found.state, found.waits_until) == ("disputed", None)
    found = steps.open_again(found, version=3, reason="", actor=user)
    assert (found.state, found.history.count()) == ("open", 4)
    with pytest.raises(StaleVersion):
        steps.dispute(found, version=3, reason="late", actor=user)
    with pytest.raises(InvalidInput):
        steps.wait_until(found, timezone.localdate(), version=4, reason="", actor=user)


def test_a_duplicate_is_marked_with_a_reason_and_can_be_opened_again() -> None:
    _channel, user = make_open(("5.00",), ())
    found = Break.objects.get()

    with pytest.raises(ReasonIsMissing):
        steps.mark_duplicate(found, version=1, reason=" ", actor=user)
    steps.mark_duplicate(found, version=1, reason="entered twice", actor=user)
    assert states() == {("resolved", "duplicate")}
    call_command("verify_books")
    steps.open_again(found, version=2, reason="", actor=user)
    assert states() == {("open", "")}


def test_a_suggestion_is_accepted_as_one_group() -> None:
    _channel, user = make_open(("81.00",), ("81.00",))
    found = Break.objects.get(side="book")
    assert found.category == "suggested"

    steps.accept_suggestion(found, version=1, actor=user)

    assert states() == {("resolved", "suggestion")}
    found.refresh_from_db()
    found.category = "missing_ours"
    with pytest.raises(NothingIsSuggested):
        steps.accept_suggestion(found, version=2, actor=user)


def test_words_and_files_stand_with_the_break() -> None:
    channel, user = make_open(("5.00",), ())
    found = Break.objects.get()
    url = reverse("reconciliation:break_step", args=[found.pk])
    client = signed_in(user)

    client.post(url, {"act": "comment", "reason": "asked the bank"})
    pdf = SimpleUploadedFile("answer.pdf", b"%PDF-1.7")
    page = client.post(url, {"act": "attach", "file": pdf}, follow=True).content.decode()
    with pytest.raises(ReasonIsMissing):
        steps.comment(found, "", actor=user)
    with pytest.raises(Forbidden):
        steps.attach(found, pdf, actor=make_user(channel.organization, Role.AUDITOR))

    assert "asked the bank" in page
    assert [file["name"] for file in files_of(found)] == ["answer.pdf"]
    sent = client.get(files_of(found)[0]["url"])
    assert b"".join(sent.streaming_content) == b"%PDF-1.7"  # type: ignore[attr-defined]


def test_a_posted_write_off_matches_the_rows_with_its_line() -> None:
    channel, user = make_open(("100.00",), ("88.00",))
    fees = make_account(channel.ledger, "6603")

    made = propose_write_off(
        channel, seen(), account=fees.code, day=DAY, reason="bank fee", actor=user
    )
    assert (made.amount, made.entry.state, states()) == (-12, "submitted", {("proposed", "")})
    post(made.entry)
    book_write_offs([told(made.entry)])
    book_write_offs([told(made.entry)])

    made.refresh_from_db()
    assert (made.state, states()) == ("booked", {("resolved", "written_off")})
    assert MatchedItem.objects.filter(bucket="manual").count() == 3
    call_command("verify_books")


def test_an_entry_that_was_changed_before_it_was_posted_matches_nothing() -> None:
    channel, user = make_open(("100.00",), ("88.00",))
    fees = make_account(channel.ledger, "6603")
    terms: dict[str, Any] = {"account": fees.code, "day": DAY, "reason": "bank fee"}
    made = propose_write_off(channel, seen(), **terms, actor=user)
    back = withdraw_journal_entry(made.entry, version=made.entry.version, actor=user)
    other = make_content((channel.account, "-11"), (fees, "11"))
    saved = save_draft(back, other, version=back.version, actor=user)
    post(submit_journal_entry(saved, version=saved.version, actor=user))

    book_write_offs([told(made.entry)])

    made.refresh_from_db()
    assert (made.state, states()) == ("booked", {("open", "")})
    assert not MatchedItem.objects.filter(bucket="manual").exists()
    call_command("verify_books")


def test_a_difference_in_a_foreign_currency_is_written_off_at_the_rate_of_the_day() -> None:
    make_rate("USD", "7.1234")
    ledger = make_ledger()
    channel = make_channel(ledger, make_account(ledger), currency_id="USD")
    make_statement(channel, read(make_line("-35.00", "FEE-1")))
    run_now(channel, to_on=DAY)
    user = make_user(channel.organization, Role.ACCOUNTANT)
    terms = {"account": make_account(ledger).code, "day": DAY, "reason": "bank fee"}

    made = propose_write_off(channel, seen(), **terms, actor=user)  # type: ignore[arg-type]
    post(made.entry)
    book_write_offs([told(made.entry)])

    lines = made.entry.lines.order_by("position").values_list(
        "currency", "amount", "rate", "base_amount"
    )
    fee, rate, worth = Decimal(35), Decimal("7.1234"), Decimal("249.32")
    assert list(lines) == [("USD", -fee, rate, -worth), ("USD", fee, rate, worth)]
    assert states() == {("resolved", "written_off")}
    assert MatchedItem.objects.filter(bucket="manual", amount=-35, currency="USD").count() == 2
    call_command("verify_books")


def test_a_write_off_without_a_rate_of_the_day_is_refused() -> None:
    ledger = make_ledger()
    channel = make_channel(ledger, make_account(ledger), currency_id="USD")
    make_statement(channel, read(make_line("-35.00", "FEE-1")))
    run_now(channel, to_on=DAY)
    user = make_user(channel.organization, Role.ACCOUNTANT)
    account = make_account(ledger).code

    with pytest.raises(NoRate):
        propose_write_off(
            channel, seen(), account=account, day=DAY, reason="bank fee", actor=user
        )
    assert not WriteOff.objects.exists()


def post(entry: JournalEntry) -> None:
    """Have an entry approved and posted by others."""
    entry.refresh_from_db()
    senior = make_senior(entry.ledger)
    approved = mark_approved(entry, version=entry.version, actor=senior)
    post_journal_entry(approved, version=approved.version, actor=make_senior(entry.ledger))


def told(entry: JournalEntry) -> Event:
    """Return the event of a posted entry."""
    body = {"entry_id": entry.pk}
    now = timezone.now()
    return Event(None, Topic.ENTRY_POSTED, "", None, now, "", 1, body)  # type: ignore[arg-type]


def test_a_write_off_that_nobody_posts_is_given_up() -> None:
    channel, user = make_open(("100.00",), ("88.00",))
    fees = make_account(channel.ledger, "6603")
    terms = {"account": fees.code, "day": DAY, "reason": "bank fee"}
    made = propose_write_off(channel, seen(), **terms, actor=user)  # type: ignore[arg-type]

    with pytest.raises(BreakIsTaken):
        propose_write_off(channel, seen(), **terms, actor=user)  # type: ignore[arg-type]
    with pytest.raises(WriteOffGoesOn):
        drop_write_off(made, version=made.version, actor=user)
    JournalEntry.objects.filter(pk=made.entry_id).update(state="draft")
    made = WriteOff.objects.get()
    drop_write_off(made, version=made.version, actor=user)

    assert (made.state, states()) == ("dropped", {("open", "")})


@pytest.mark.parametrize(
    ("ours", "account", "reason", "error"),
    [
        ("100.00", "6603", "", ReasonIsMissing),
        ("100.00", "nowhere", "fee", WriteOffAccount),
        ("88.00", "6603", "fee", NothingToWriteOff),
    ],
)
def test_a_write_off_needs_a_reason_an_account_and_a_difference(
    ours: str, account: str, reason: str, error: type[FinanceError]
) -> None:
    channel, user = make_open((ours,), ("88.00",))
    make_account(channel.ledger, "6603")

    with pytest.raises(error):
        propose_write_off(channel, seen(), account=account, day=DAY, reason=reason, actor=user)
    assert not WriteOff.objects.exists()


def test_treasury_matches_but_leaves_entries_to_accountants() -> None:
    channel, _user = make_open(("100.00",), ("88.00",))
    treasurer = make_user(channel.organization, Role.TREASURY)

    with pytest.raises(Forbidden):
        propose_write_off(
            channel, seen(), account="6603", day=DAY, reason="fee", actor=treasurer
        )
