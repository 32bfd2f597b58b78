"""A trial is about the rows of a run, and tells the numbers of one."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from pytest_django.asserts import assertContains

from apps.reconciliation.models import Break, RunOutcome
from apps.reconciliation.services.break_matching import match_by_hand
from apps.reconciliation.services.rules import activate_rules, propose_rules
from tests.factories import make_account, make_senior
from tests.reconciliation.world import (
    DAYS,
    NEXT,
    Passes,
    make_books,
    make_trial,
    post,
    run_now,
)
from tests.statements.world import make_line, make_statement, read

if TYPE_CHECKING:
    from django.test import Client

    from apps.reconciliation.models import ReconciliationRun, RuleTrial
    from apps.statements.models import Channel

pytestmark = pytest.mark.django_db
# Where a bucket has its rows by the active rules, and by those that are tried.
BEFORE, NOW = 3, 5
# Longer windows than those that all begin with.
LONG: Passes = [
    {"kind": "exact"},
    {"kind": "date", "days": 60},
    {"kind": "duplicate", "days": 60},
    {"kind": "tolerance", "absolute": 100, "days": 9},
]


@pytest.fixture
def channel() -> Channel:
    """Return a channel with a pair of a run, a pair of a person and an open row of before.

    The days that follow have a row for the open one, a duplicate of each pair and new rows.
    """
    channel = make_books(("PAIR", "10.00"), ("OURS", "30.00"), ("LATE", "50.00"))
    first = (make_line("10.00", "PAIR"), make_line("30.00", "THEIRS", number=2))
    make_statement(channel, read(*first, **DAYS))
    run_now(channel)
    by_hand = Break.objects.filter(channel=channel, amount="30.00")
    seen = dict(by_hand.values_list("pk", "version"))
    match_by_hand(channel, seen, actor=make_senior(channel.ledger), reason="one transfer")
    rows = (("50.00", "LATE"), ("10.00", "PAIR"), ("30.00", "THEIRS"), ("70.30", "NEW"))
    lines = [
        make_line(amount, reference, number=n, day=NEXT["from_on"])
        for n, (amount, reference) in enumerate(rows)
    ]
    make_statement(channel, read(*lines, opening="40.00", **NEXT))
    other = make_account(channel.ledger)
    post(channel.ledger, channel.account, other, "NEW", "70.00", day=NEXT["to_on"])
    return channel


def told(trial: RuleTrial, place: int) -> list[tuple[Any, ...]]:
    """Return rows and sum by side, bucket and currency, by one of both rules."""
    buckets = trial.result["buckets"]
    found = [(*row[:3], row[place], Decimal(row[place + 1])) for row in buckets if row[place]]
    return sorted(found)


def done(run: ReconciliationRun) -> list[tuple[Any, ...]]:
    """Return the same of a run."""
    columns = ("side", "bucket", "currency", "count", "value")
    return sorted(RunOutcome.objects.filter(run=run).values_list(*columns))


def activate(trial: RuleTrial) -> None:
    """Let the rules of a trial decide."""
    said: dict[str, Any] = {"passes": trial.passes, "options": trial.options}
    draft = propose_rules(trial.channel, **said, reason=trial.reason, actor=trial.created_by)
    activate_rules(draft, actor=make_senior(trial.channel.ledger))


def test_a_trial_tells_the_numbers_of_the_run_that_comes_next(channel: Channel) -> None:
    trial = make_trial(channel, make_senior(channel.ledger), LONG, **NEXT)
    activate(trial)

    run = run_now(channel, **NEXT)

    assert told(trial, NOW) == done(run)
    assert {row[:2] for row in done(run)} == {
        ("book", "date"),
        ("book", "tolerance"),
        ("statement", "date"),
        ("statement", "tolerance"),
        ("statement", "duplicate"),
    }
    assert trial.result["rows"] == {"book": run.book_count, "statement": run.statement_count}
    assert trial.result["older"] == {"book": 1, "statement": 0}


def test_the_active_rules_come_to_what_they_came_to_in_the_run(channel: Channel) -> None:
    run = run_now(channel, **NEXT)

    trial = make_trial(channel, make_senior(channel.ledger), LONG)

    assert (trial.from_on, trial.to_on) == (NEXT["from_on"], NEXT["to_on"])
    assert told(trial, BEFORE) == done(run)


def test_what_a_person_matched_stays_and_is_counted(channel: Channel) -> None:
    trial = make_trial(channel, make_senior(channel.ledger), LONG, **DAYS)

    assert trial.result["kept"] == [
        ["book", "manual", "CNY", 1, "30.0000"],
        ["statement", "manual", "CNY", 1, "30.0000"],
    ]
    assert told(trial, NOW) == [
        ("book", "exact", "CNY", 1, Decimal(10)),
        ("book", "missing_ext", "CNY", 1, Decimal(50)),
        ("statement", "exact", "CNY", 1, Decimal(10)),
    ]


def test_the_page_says_which_rows_were_matched(client: Client, channel: Channel) -> None:
    senior = make_senior(channel.ledger)
    client.force_login(senior)
    pages = [
        client.get(make_trial(channel, senior, LONG, **days).get_absolute_url())
        for days in (NEXT, DAYS)
    ]

    assertContains(pages[0], "2 rows took part · 1 of them open since before these days")
    assertContains(pages[1], "1 more of these days stays as it was matched", count=2)
