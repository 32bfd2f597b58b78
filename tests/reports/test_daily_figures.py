"""The read model of the dashboards: from events, anew from events, anew from the books."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from apps.events.models import InboxEvent, OutboxEvent
from apps.events.services.purging import purge_events
from apps.ledgers.models import Account, Ledger
from apps.ledgers.services.decisions import approve_journal_entry
from apps.ledgers.services.posting import post_journal_entry
from apps.ledgers.services.reversal import reverse_journal_entry
from apps.reports.models import DailyFigure
from apps.reports.services.daily_figures import rebuild_daily_figures
from apps.reports.services.figure_names import CONSUMER
from apps.reports.services.verification import untrue_figures
from tests.approvals.rounds import approve, make_round
from tests.events.probe import relay_all
from tests.events.test_purging import grow_old
from tests.factories import (
    make_account,
    make_approver,
    make_ledger,
    make_posted,
    make_senior,
)
from tests.fx.rates import make_own
from tests.reconciliation.world import make_books, run_now

pytestmark = pytest.mark.django_db
Row = tuple[Any, ...]


@pytest.fixture
def ledger() -> Ledger:
    """Return books in which something of every kind happened, and was relayed."""
    ledger = make_ledger()
    bank, sales = make_account(ledger), make_account(ledger)
    wrong = make_posted(ledger, (bank, "5.25"), (sales, "-5.25"))
    make_posted(ledger, (bank, "4"), (sales, "-4"))
    person = make_approver(ledger)
    approve(make_round(ledger=ledger), person)
    waiting = reverse_journal_entry(wrong, actor=make_senior(ledger), reason="wrong")
    ready = approve_journal_entry(waiting, version=waiting.version, actor=person)
    post_journal_entry(ready, version=ready.version, actor=make_senior(ledger))
    make_own(ledger.organization, "USD/CNY", "7.1234")
    run_now(make_books(("TXN-1", "100.00")))
    relay_all()
    return ledger


def figures() -> list[Row]:
    """Return all figures without their keys."""
    rows = DailyFigure.objects.order_by("measure", "day", "detail", "ledger")
    return list(
        rows.values_list(
            "organization", "ledger", "day", "measure", "detail", "count", "amount", "seconds"
        )
    )


def sums() -> dict[tuple[str, str], tuple[int, str]]:
    """Return count and amount by measure and detail, over all days."""
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for _organization, _ledger, _day, measure, detail, count, amount, _seconds in figures():
        before = found.get((measure, detail), (0, "0"))[0]
        found[measure, detail] = (before + count, f"{amount:.2f}")
    return found


def test_events_are_counted_by_what_they_tell(ledger: Ledger) -> None:
    counted = sums()

    assert counted["posted", "CNY"][0] == 3 + 1
    assert counted["reconciled", ""] == (1, "0.00")
    assert counted["reversed", "CNY"] == (1, "0.00")
    assert counted["decided", "approved"] == (2, "0.00")
    assert counted["rates", "spot"] == (1, "0.00")
    # What is reversed counts against it.
    assert sum(row[6] for row in figures() if row[1] == ledger.pk) == 4


def test_what_came_twice_is_counted_once(ledger: Ledger) -> None:
    before = figures()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE events_consumercursor DISABLE TRIGGER USER")
        cursor.execute("UPDATE events_consumercursor SET position = 0")
        cursor.execute("ALTER TABLE events_consumercursor ENABLE TRIGGER USER")

    relay_all()

    assert figures() == before


def test_built_anew_from_the_events_it_is_the_same(ledger: Ledger) -> None:
    before = figures()
    DailyFigure.objects.update(count=99)
    assert untrue_figures(None)

    call_command("rebuild_read_models")

    assert figures() == before
    assert untrue_figures(None) == []


def test_where_events_are_gone_it_is_built_from_the_books(ledger: Ledger) -> None:
    before = figures()
    grow_old()
    purge_events()
    assert not OutboxEvent.objects.exists()
    make_own(ledger.organization, "EUR/CNY", "8.1234")

    rebuild_daily_figures()

    # The new rate was not relayed: it comes with its event.
    assert figures() == before
    relay_all()
    assert sums()["rates", "spot"][0] == 2
    assert untrue_figures(None) == []


def test_the_books_alone_give_what_the_events_gave(ledger: Ledger) -> None:
    before = figures()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM events_outboxevent")
        cursor.execute("SET LOCAL session_replication_role = origin")
    InboxEvent.objects.filter(consumer=CONSUMER).delete()

    rebuild_daily_figures()

    assert figures() == before


@pytest.mark.django_db(transaction=True)
def test_posting_goes_on_while_figures_are_built_anew() -> None:
    ledger = make_ledger()
    bank, sales = make_account(ledger), make_account(ledger)
    make_posted(ledger, (bank, "1"), (sales, "-1"))
    relay_all()
    with transaction.atomic():
        rebuild_daily_figures()
        with ThreadPoolExecutor(1) as other:
            other.submit(_post_elsewhere, ledger, bank, sales).result(timeout=20)

    relay_all()

    assert sums()["posted", "CNY"][0] == 2
    assert untrue_figures(None) == []


def _post_elsewhere(ledger: Ledger, bank: Account, sales: Account) -> None:
    """Post by a connection of its own."""
    try:
        make_posted(ledger, (bank, "2"), (sales, "-2"))
        # The relay passes by the consumer that stands still.
        relay_all()
    finally:
        connection.close()
