"""The account of another ledger as a statement: taken, read, looked at, imported."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from apps.ledgers.models import Ledger
from apps.statements.errors import (
    NothingInStatement,
    OtherLedgerUnknown,
    StatementCameBefore,
    TooManyDays,
)
from apps.statements.models import Channel, SourceKind, StatementFile, StatementFormat
from apps.statements.services.ledger_source import take_from_ledger
from apps.statements.services.statement_files import import_statement
from tests.factories import DAY, make_account, make_ledger, make_posted, make_senior
from tests.statements.test_statement_pages import work_on
from tests.statements.world import make_channel

pytestmark = pytest.mark.django_db
DAYS = {"from_on": DAY, "to_on": DAY + timedelta(days=5)}


def make_source(other: Ledger, account_class: str = "asset", **values: str) -> Channel:
    """Return a channel that is compared with account 1002 of another ledger."""
    ours = make_ledger(organization=other.organization)
    return make_channel(
        ours,
        make_account(ours, account_class=account_class),
        source_kind=SourceKind.LEDGER,
        format=StatementFormat.NONE,
        **{"external_account": f"{other.code}/9002"} | values,
    )


@pytest.fixture
def other() -> Ledger:
    """Return a ledger whose account 9002 had 5 before the days and two lines in them."""
    ledger = make_ledger()
    account, sales = make_account(ledger, code="9002"), make_account(ledger)
    for days, amount in ((-1, "5"), (0, "100"), (1, "-30")):
        lines = ((account, amount), (sales, str(-Decimal(amount))))
        make_posted(ledger, *lines, day=DAY + timedelta(days=days), summary=f"TXN {amount}")
    return ledger


def taken(channel: Channel) -> StatementFile:
    return take_from_ledger(channel, actor=make_senior(channel.ledger), **DAYS)


def test_its_lines_come_as_a_statement_with_balances(other: Ledger) -> None:
    channel = make_source(other)

    statement = work_on(taken(channel))

    assert (statement.state, statement.line_count) == ("ready", 2)
    assert (statement.opening_balance, statement.closing_balance) == (5, 75)
    import_statement(statement, version=statement.version, actor=make_senior(channel.ledger))
    work_on(statement)
    rows = channel.lines.order_by("id").values_list("reference", "amount")
    assert list(rows) == [("TXN 100", 100), ("TXN -30", -30)]


def test_the_other_side_of_an_account_comes_the_other_way_round(other: Ledger) -> None:
    statement = work_on(taken(make_source(other, "liability")))

    assert (statement.opening_balance, statement.closing_balance) == (-5, -75)


def test_the_same_lines_are_taken_once(other: Ledger) -> None:
    channel = make_source(other)
    taken(channel)

    with pytest.raises(StatementCameBefore):
        taken(channel)


@pytest.mark.parametrize("named", ["", "9002", "NONE/9002", "{}/0"])
def test_an_account_that_is_not_there_is_named(other: Ledger, named: str) -> None:
    channel = make_source(other, external_account=named.format(other.code))

    with pytest.raises(OtherLedgerUnknown):
        taken(channel)


def test_another_tenants_ledger_is_not_there(other: Ledger) -> None:
    stranger = make_source(make_ledger(), external_account=f"{other.code}/9002")

    with pytest.raises(OtherLedgerUnknown):
        taken(stranger)


def test_days_have_bounds_and_lines(other: Ledger) -> None:
    channel, actor = make_source(other), make_senior(other)

    with pytest.raises(TooManyDays):
        take_from_ledger(channel, from_on=DAY, to_on=DAY - timedelta(days=1), actor=actor)
    with pytest.raises(NothingInStatement):
        late = DAY + timedelta(days=9)
        take_from_ledger(channel, from_on=late, to_on=late, actor=actor)


def test_the_page_takes_them_and_goes_to_what_was_read(other: Ledger) -> None:
    channel, client = make_source(other), Client()
    client.force_login(make_senior(channel.ledger))
    page = reverse("statements:statement_take", args=(channel.code,))

    answer = client.post(page, {name: str(day) for name, day in DAYS.items()})

    statement = StatementFile.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, statement.get_absolute_url())
