"""verify_books proves sign-offs again from lines, and the event tells of a finished run."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from apps.events.models import OutboxEvent
from apps.reconciliation.models import MatchedItem
from apps.reconciliation.services.sign_off_verification import (
    beyond_tolerance,
    current_sign_offs,
    untrue_sign_offs,
)
from apps.reconciliation.services.sign_offs import ask_to_withdraw, decide_withdrawal
from apps.statements.models import Channel
from tests.factories import make_senior
from tests.reconciliation.world import DAYS, make_books, make_signed, run_now
from tests.statements.world import make_line, make_statement, read

pytestmark = pytest.mark.django_db
NEXT = {name: DAYS["to_on"] + timedelta(days) for name, days in (("from_on", 1), ("to_on", 9))}


def make_month() -> Channel:
    """Return a channel with a match within tolerance and a row that is open."""
    channel = make_books(("TXN-1", "100.00"), ("TXN-2", "50.00"))
    make_statement(channel, read(make_line("99.60", "txn 1"), **DAYS))
    return channel


def without_guards(sql: str) -> None:
    """Change rows as nobody can who works through the database's guards."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_sign_offs_hold_after_later_months_were_signed_off_too() -> None:
    channel = make_month()
    make_signed(run_now(channel))
    line = make_line("50.00", "TXN-2", day=NEXT["from_on"])
    make_statement(channel, read(line, opening="99.60", **NEXT))
    make_signed(run_now(channel, **NEXT))

    call_command("verify_books")
    assert current_sign_offs().count() == 2


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE reconciliation_signoff SET proof = replace(proof, '99.6', '99.7')", "seal"),
        (
            (
                "UPDATE reconciliation_matcheditem SET pass_name = bucket, bucket = 'date'"
                " WHERE bucket = 'tolerance'"
            ),
            "results",
        ),
        ("UPDATE ledgers_journalline SET amount = amount * 2", "proof"),
        ("UPDATE statements_statementline SET booked_on = booked_on + 99", "proof"),
    ],
)
def test_a_sign_off_that_does_not_follow_from_lines_is_found(change: str, found: str) -> None:
    make_signed(run_now(make_month()))
    assert untrue_sign_offs(None) == []

    without_guards(change)

    assert found in " ".join(untrue_sign_offs(None))


def test_a_match_beyond_its_tolerance_is_found() -> None:
    run = run_now(make_month())
    assert beyond_tolerance(None) == []

    told = MatchedItem.objects.filter(run=run, bucket="tolerance", side="statement")
    told.update(delta="-0.51")

    assert len(beyond_tolerance(run.channel.ledger_id)) == 1


def test_a_later_sign_off_becomes_stale_and_stays_when_an_earlier_one_is_withdrawn() -> None:
    channel = make_month()
    first = make_signed(run_now(channel))
    make_statement(channel, read(opening="99.60", **NEXT))
    later = make_signed(run_now(channel, **NEXT))
    asked = ask_to_withdraw(first, actor=first.prepared_by, reason="A late posting.")

    decide_withdrawal(asked, is_confirmed=True, actor=make_senior(channel.ledger))

    later.refresh_from_db()
    assert (later.state, current_sign_offs().count()) == ("signed", 0)
    assert untrue_sign_offs(None) == []


def test_a_finished_run_is_told_with_its_counters() -> None:
    run = run_now(make_month())

    event = OutboxEvent.objects.get(topic="reconciliation.finished")

    body = json.loads(event.body)
    assert (event.key, body["number"], body["counters"]) == (
        f"channel:{run.channel_id}", run.number, run.counters,
    )  # fmt: skip


def test_a_run_that_failed_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    channel = make_month()
    monkeypatch.setattr("apps.reconciliation.clients.duck.Engine.totals", lambda _self: {})

    run_now(channel)

    assert not OutboxEvent.objects.filter(topic="reconciliation.finished").exists()
