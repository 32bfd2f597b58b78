"""What somebody saw of a subject before, and what changed since."""

from __future__ import annotations

import pytest

from apps.approvals.models import ApprovalRequest
from apps.approvals.services.risks import risk_notes
from apps.approvals.services.seen import changes_since_seen, mark_seen
from apps.ledgers.models import JournalEntry
from apps.ledgers.services.drafts import (
    save_draft,
    submit_journal_entry,
    withdraw_journal_entry,
)
from apps.ledgers.services.history import changes_since
from tests.approvals.rounds import ask_for, make_entry, make_flow, make_round
from tests.factories import make_account, make_approver, make_content, make_ledger

pytestmark = pytest.mark.django_db


def rewrite(entry: JournalEntry, amount: str, summary: str = "") -> ApprovalRequest:
    """Return the next round of an entry over other lines."""
    ledger = entry.ledger
    lines = (make_account(ledger, "1001"), amount), (make_account(ledger, "1002"), f"-{amount}")
    withdraw_journal_entry(entry, version=entry.version, actor=entry.maker)
    content = make_content(*lines, summary=summary)
    save_draft(entry, content, version=entry.version, actor=entry.maker)
    submit_journal_entry(entry, version=entry.version, actor=entry.maker)
    return ask_for(entry)


def test_who_looked_before_sees_field_by_field_what_changed() -> None:
    ledger = make_ledger()
    person = make_approver(ledger)
    make_flow(ledger.organization)
    entry = make_entry(ledger, summary="Rent")
    mark_seen(ask_for(entry), person)

    again = rewrite(entry, "120", "Rent of June")

    changes = {one.field: (one.before, one.after) for one in changes_since_seen(again, person)}
    assert changes["Summary"] == ("Rent", "Rent of June")
    assert changes["Total"] == ("100.00", "120.00")
    assert changes["Line 1"][1] == "1001 Account 1001 · debit 120.00"
    [note] = risk_notes([again], person)[again.pk]
    assert note.is_risky
    assert "CNY 100.00, now CNY 120.00" in note.text


def test_who_never_looked_or_looked_again_is_told_of_no_change() -> None:
    ledger = make_ledger()
    person, other = make_approver(ledger), make_approver(ledger)
    make_flow(ledger.organization)
    entry = make_entry(ledger)
    mark_seen(ask_for(entry), person)
    again = rewrite(entry, "100")

    assert "still CNY 100.00" in risk_notes([again], person)[again.pk][0].text
    assert changes_since_seen(again, other) == []
    assert risk_notes([again], other) == {}
    mark_seen(again, person)
    assert changes_since_seen(again, person) == []
    assert risk_notes([again], person) == {}


def test_steps_of_the_state_are_no_change_of_the_content() -> None:
    ledger = make_ledger()
    person = make_approver(ledger)
    request = make_round(ledger=ledger)
    entry = JournalEntry.objects.get(pk=request.subject_id)
    mark_seen(request, person)
    withdraw_journal_entry(entry, version=entry.version, actor=entry.maker)
    submit_journal_entry(entry, version=entry.version, actor=entry.maker)

    again = ask_for(entry)

    assert changes_since(entry, entry.created_at) == []
    assert changes_since_seen(again, person) == []
    assert risk_notes([again], person) == {}
