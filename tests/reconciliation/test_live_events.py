"""Money that moved is matched by its event; a run decides and live matching begins anew."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.utils import timezone

from apps.events.services.consumers import Event
from apps.events.words import Topic
from apps.ledgers.models import JournalLine, Ledger
from apps.reconciliation.models import LiveItem
from apps.reconciliation.services.live import match_events
from apps.statements.models import Channel, SourceKind
from tests.factories import DAY, make_account, make_ledger, make_senior
from tests.reconciliation.world import make_rules, post, run_now
from tests.statements.world import make_channel, make_line, make_statement, read

pytestmark = pytest.mark.django_db


def moved(books: Ledger, account: str, line_id: int, **values: Any) -> Event:
    """Return the event of a line on an account of a bank."""
    body = {
        "account": account,
        "account_id": values.pop("account_id", 0),
        "amount_minor": 10000,
        "booked_on": DAY.isoformat(),
        "currency": "CNY",
        "ledger": books.code,
        "ledger_id": books.pk,
        "line_id": line_id,
        "reference": "TXN-1",
    }
    return Event(
        uuid.uuid4(), Topic.TRANSACTION_COMPLETED, f"entry:{line_id}",
        books.entity.organization_id, timezone.now(), "", line_id, body | values,
    )  # fmt: skip


@pytest.fixture
def clearing() -> Channel:
    """Return a channel that hears of account 1002 of the ledger PAY."""
    ledger = make_ledger()
    channel = make_channel(
        ledger, make_account(ledger), source_kind=SourceKind.EVENTS, external_account="PAY/1002"
    )
    make_rules(channel, make_senior(ledger))
    return channel


def found(channel: Channel) -> list[tuple[str, int, str]]:
    rows = LiveItem.objects.filter(channel=channel).order_by("side", "item_id")
    return list(rows.values_list("side", "item_id", "bucket"))


def test_money_in_two_ledgers_finds_each_other(clearing: Channel) -> None:
    ours = moved(clearing.ledger, "1012", 7, account_id=clearing.account_id)
    match_events([ours])
    assert found(clearing) == [("book", 7, "")]

    match_events([moved(clearing.ledger, "1002", 3, ledger="PAY", reference="txn 1")])

    assert found(clearing) == [("book", 7, "exact"), ("statement", 3, "exact")]


def test_events_of_other_accounts_and_tenants_are_nobodys_rows(clearing: Channel) -> None:
    stranger = make_ledger()

    match_events([
        moved(clearing.ledger, "9999", 4),
        moved(stranger, "1002", 5, ledger="PAY"),
    ])  # fmt: skip

    assert found(clearing) == []


def test_a_channel_that_was_never_reconciled_keeps_no_rows(clearing: Channel) -> None:
    fresh = make_channel(clearing.ledger, make_account(clearing.ledger))

    match_events([moved(fresh.ledger, "1", 4, account_id=fresh.account_id)])

    assert found(fresh) == []


def test_a_run_decides_and_a_row_that_comes_later_finds_what_it_left_open() -> None:
    ledger = make_ledger()
    bank, sales = make_account(ledger, control="bank"), make_account(ledger)
    post(ledger, bank, sales, "TXN-9", "5.00")
    channel = make_channel(ledger, bank)
    make_statement(channel, read(make_line("100.00", "TXN-1")))
    run_now(channel)
    assert {bucket for _, _, bucket in found(channel)} == {""}

    line = JournalLine.objects.get(account=bank)
    match_events([moved(ledger, bank.code, line.pk + 10, account_id=bank.pk)])

    assert [bucket for _, _, bucket in found(channel)] == ["", "exact", "exact"]


def test_a_run_lets_go_of_what_it_has_seen(clearing: Channel) -> None:
    match_events([moved(clearing.ledger, "1012", 7, account_id=clearing.account_id)])

    run_now(clearing)

    assert found(clearing) == []
