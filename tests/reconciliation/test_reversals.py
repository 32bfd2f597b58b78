"""Runs over reversed vouchers and returned payments: breaks, proofs, pages, live matching."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from apps.ledgers.models import JournalEntry
from apps.ledgers.services.decisions import approve_journal_entry
from apps.ledgers.services.posting import post_journal_entry
from apps.ledgers.services.reversal import reverse_journal_entry
from apps.policies.words import ReversalStyle
from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.models import (
    Break,
    BreakRollForward,
    MatchedItem,
    ReconciliationRun,
    RunOutcome,
)
from apps.reconciliation.services.match_rates import finished_runs, rates_of
from apps.reconciliation.services.sign_off_proof import sheet_of
from apps.reconciliation.services.verification import RECONCILIATION_QUERIES
from apps.statements.models import Channel
from tests.factories import (
    DAY,
    make_account,
    make_accountant,
    make_approver,
    make_ledger,
    make_posted,
    make_senior,
)
from tests.permission_world import signed_in
from tests.reconciliation.test_partitions import do_partitions
from tests.reconciliation.world import DAYS, NEXT, make_signed, run_now
from tests.statements.world import make_channel, make_line, make_statement, read

pytestmark = pytest.mark.django_db


def make_bank(**values: Any) -> tuple[Channel, JournalEntry]:
    """Return a channel and a voucher over 100.00 that the bank never sees."""
    ledger = make_ledger(**values)
    bank, sales = make_account(ledger), make_account(ledger)
    wrong = make_posted(ledger, (bank, "100.00"), (sales, "-100.00"), summary="TXN-1")
    return make_channel(ledger, bank), wrong


def undo(entry: JournalEntry, **values: Any) -> JournalEntry:
    """Reverse an entry as people do; the reason has the reference."""
    ledger = entry.ledger
    made = reverse_journal_entry(entry, actor=make_senior(ledger), reason="txn 1", **values)
    made = approve_journal_entry(made, version=made.version, actor=make_approver(ledger))
    return post_journal_entry(made, version=made.version, actor=make_senior(ledger))


def returned_payment(channel: Channel, **values: Any) -> None:
    """Import a payment and its return, which the books know nothing of."""
    day = values.get("from_on", DAY)
    lines = (make_line("-40.00", "PAY-7", day=day), make_line("40.00", "PAY-7", day=day))
    make_statement(channel, read(*lines, **DAYS | values))


def groups_of(channel: Channel) -> list[tuple[Any, ...]]:
    """Return side, group, key, amount and difference of all rows, which all are reversed."""
    rows = MatchedItem.objects.filter(channel=channel, bucket="reversal")
    assert rows.count() == MatchedItem.objects.filter(channel=channel).count()
    return list(
        rows.order_by("side", "item_id").values_list(
            "side", "group_id", "item_id", "amount", "delta"
        )
    )


@pytest.mark.parametrize("style", [ReversalStyle.RED, ReversalStyle.SWAP])
def test_a_reversed_voucher_and_a_returned_payment_are_no_breaks(style: str) -> None:
    channel, wrong = make_bank(reversal_style=style)
    undo(wrong)
    returned_payment(channel)

    run = run_now(channel)

    (book, first, _, one, _), (_, second, _, other, _), *lines = groups_of(channel)
    assert (book, first, one + other) == ("book", second, 0)
    assert first == min(pk for side, _, pk, *_ in groups_of(channel) if side == "book")
    assert {(name, delta) for _, name, _, _, delta in lines} == {(-lines[0][2], 0)}
    assert [run.counters[side] for side in Side] == [{"reversal": 2}, {"reversal": 2}]
    assert not Break.objects.exists()
    assert sheet_of(run).proof.unexplained == Decimal("0.00")
    make_signed(run)
    call_command("verify_books")


def test_a_run_by_partitions_finds_them_too(settings: Any) -> None:
    settings.RECONCILIATION_PARTITION_ROWS = 1
    channel, wrong = make_bank()
    undo(wrong)
    returned_payment(channel)

    run = run_now(channel)
    do_partitions(run)

    assert run.partitions.count() > 1
    assert [side for side, *_ in groups_of(channel)] == ["book"] * 2 + ["statement"] * 2
    call_command("verify_books")


def test_the_break_of_a_voucher_is_cleared_by_its_reversal() -> None:
    channel, wrong = make_bank()
    run_now(channel)
    assert Break.objects.get().state == "open"
    undo(wrong)

    second = run_now(channel)

    found = Break.objects.get()
    assert (found.state, found.resolution, found.last_run) == ("resolved", "matched", second)
    rolled = BreakRollForward.objects.get(run=second)
    assert (rolled.brought, rolled.opened, rolled.cleared, rolled.carried) == (1, 0, 1, 0)
    call_command("verify_books")


def test_a_reversal_of_the_next_month_leaves_the_voucher_open_at_the_end_of_this_one() -> None:
    channel, _ = make_bank()
    late = make_posted(
        channel.ledger,
        (channel.account, "30.00"),
        (make_account(channel.ledger), "-30.00"),
        summary="txn 1",
        day=DAYS["to_on"],
    )
    make_statement(channel, read(make_line("100.00", "TXN-1"), **DAYS))
    first = make_signed(run_now(channel)).run
    undo(late, entry_date=NEXT["from_on"])
    make_statement(channel, read(opening="100.00", **NEXT))
    second = make_signed(run_now(channel, **NEXT)).run

    assert [item.amount for item in sheet_of(first).items] == [30]
    assert sheet_of(second).items == ()
    call_command("verify_books")


def test_what_is_booked_anew_after_its_reversal_is_no_duplicate() -> None:
    channel, wrong = make_bank()
    undo(wrong)
    run_now(channel)
    make_posted(
        channel.ledger,
        (channel.account, "100.00"),
        (make_account(channel.ledger), "-100.00"),
        summary="TXN-1",
    )

    second = run_now(channel)

    assert second.counters["book"] == {"missing_ext": 1}


def test_a_third_row_of_the_amount_is_left_to_people() -> None:
    channel, wrong = make_bank()
    undo(wrong)
    make_posted(
        channel.ledger,
        (channel.account, "100.00"),
        (make_account(channel.ledger), "-100.00"),
        summary="TXN-1",
    )

    run = run_now(channel)

    assert run.counters["book"] == {"missing_ext": 3}
    assert Break.objects.count() == 3


def test_outcomes_and_rates_count_them_as_matched() -> None:
    channel, wrong = make_bank()
    undo(wrong)
    returned_payment(channel)
    run = run_now(channel)

    rows = RunOutcome.objects.filter(run=run).order_by("side")
    assert list(rows.values_list("side", "bucket", "count", "value")) == [
        ("book", "reversal", 2, Decimal(200)), ("statement", "reversal", 2, Decimal(80)),
    ]  # fmt: skip
    (rate,) = rates_of(finished_runs(channel))
    assert (rate.rows, rate.matched, rate.by_count) == (4, 4, Decimal(100))


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "99.00"},
        {"delta": "1.00"},
        {"currency": "USD"},
        {"group_id": 1},
        {"side": "statement"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_verify_books_finds_a_reversal_that_is_none(change: dict[str, Any]) -> None:
    channel, wrong = make_bank()
    undo(wrong)
    run_now(channel)
    assert broken() == []

    rows = MatchedItem.objects.filter(channel=channel)
    rows.filter(item_id=rows.order_by("item_id")[1].item_id).update(**change)

    assert broken() != []


def broken() -> list[Any]:
    """Return the groups that are no row and its reversal."""
    name = "a row and its reversal are two of one side that come to zero"
    with connection.cursor() as cursor:
        cursor.execute(RECONCILIATION_QUERIES[name], {"ledger": None})
        return list(cursor.fetchall())


def test_a_run_whose_reversal_does_not_come_to_zero_is_not_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channel, wrong = make_bank()
    undo(wrong)
    make_posted(
        channel.ledger,
        (channel.account, "7.00"),
        (make_account(channel.ledger), "-7.00"),
        summary="TXN-1",
    )
    place_all = (
        "INSERT INTO placed SELECT 'book', pk, 'reversal', (SELECT min(pk) FROM book), NULL,"
        " 0, 'reversal', NULL FROM open_book"
    )
    monkeypatch.setattr(
        "apps.reconciliation.clients.duck_passes.Passes._reversal",
        lambda self, _step: self._duck.execute(place_all),
    )

    run = run_now(channel)

    assert (run.state, MatchedItem.objects.count()) == ("failed", 0)


def test_a_run_shows_both_rows_together_on_their_side() -> None:
    channel, wrong = make_bank()
    undo(wrong)
    returned_payment(channel)
    run = run_now(channel)

    books, statement = page(run, "book"), page(run, "statement")

    assert books.count("fm-group-side") == statement.count("fm-group-side") == 2
    assert "nothing on the statement" in books
    assert statement.count("PAY-7") == 2
    assert "a row and its reversal on the same side" in books


def page(run: ReconciliationRun, side: str) -> str:
    """Return the page of a run with its reversed rows of a side."""
    url = reverse("reconciliation:run_detail", args=[run.pk])
    client = signed_in(make_accountant(run.channel.ledger))
    return client.get(url, {"bucket": "reversal", "side": side}).content.decode()
