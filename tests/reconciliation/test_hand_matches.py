"""Matching by hand: what agrees becomes a group, all else is refused, all can be undone."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from apps.core.errors import Forbidden, StaleVersion
from apps.ledgers.models import JournalLine
from apps.organizations.models import User
from apps.organizations.permissions import Role
from apps.reconciliation.errors import (
    BreakIsTaken,
    ChannelIsBusy,
    DifferenceTooLarge,
    MatchIsFixed,
    MatchIsUndone,
    MixedCurrencies,
    NotEnoughRows,
    TooManyBreaks,
)
from apps.reconciliation.models import Break, HandMatch, MatchedItem
from apps.reconciliation.services.break_matching import match_by_hand, undo_match
from apps.statements.models import Channel
from tests.factories import DAY, make_user
from tests.reconciliation.world import make_books, make_run, make_signed, run_now
from tests.statements.world import make_line, make_statement, read

pytestmark = pytest.mark.django_db


def make_open(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[Channel, User]:
    """Return a channel with open rows that share no reference, and an accountant."""
    channel = make_books(*((f"OUR-{n}", amount) for n, amount in enumerate(ours)))
    lines = [make_line(amount, f"THEIR-{n}", number=n) for n, amount in enumerate(theirs)]
    make_statement(channel, read(*lines))
    run_now(channel, to_on=DAY)
    return channel, make_user(channel.organization, Role.ACCOUNTANT)


def seen(**facts: object) -> dict[int, int]:
    """Return the versions of breaks by their keys."""
    return dict(Break.objects.filter(**facts).values_list("pk", "version"))


def states() -> set[tuple[str, str]]:
    """Return state and resolution of all breaks."""
    return set(Break.objects.values_list("state", "resolution"))


def test_one_line_against_several_entries_becomes_a_group_and_entries_stay() -> None:
    channel, user = make_open(("60.00", "40.00"), ("100.00",))
    lines = list(JournalLine.objects.order_by("pk").values())

    made = match_by_hand(channel, seen(), actor=user, reason="one transfer")

    lowest = min(JournalLine.objects.filter(account=channel.account).values_list("pk"))[0]
    rows = MatchedItem.objects.filter(channel=channel)
    assert {(row.bucket, row.group_id, row.delta) for row in rows} == {
        ("manual", lowest, Decimal(0))
    }
    assert (made.row_count, made.delta, states()) == (3, 0, {("resolved", "manual")})
    assert list(JournalLine.objects.order_by("pk").values()) == lines
    call_command("verify_books")


def test_a_difference_within_the_rules_stands_on_the_statement() -> None:
    channel, user = make_open(("100.00",), ("99.80",))

    made = match_by_hand(channel, seen(), actor=user)

    row = MatchedItem.objects.get(side="statement")
    assert (made.delta, row.delta, row.bucket) == (Decimal("-0.20"), Decimal("-0.20"), "manual")
    assert row.partner_id == MatchedItem.objects.get(side="book").item_id
    call_command("verify_books")


def test_a_larger_difference_is_refused_and_changes_nothing() -> None:
    channel, user = make_open(("100.00",), ("90.00",))

    with pytest.raises(DifferenceTooLarge, match=r"differ by -10.00 CNY, and the rules allow"):
        match_by_hand(channel, seen(), actor=user)

    assert states() == {("open", "")}
    assert not HandMatch.objects.exists()


def test_an_amount_and_its_return_on_one_side_come_to_nothing() -> None:
    channel, user = make_open(("25.00", "-25.00"), ())

    made = match_by_hand(channel, seen(), actor=user)

    assert (made.delta, states()) == (0, {("resolved", "manual")})
    call_command("verify_books")


def test_what_makes_no_group_is_refused() -> None:
    channel, user = make_open(("5.00", "7.00"), ("5.00",))
    one = dict([next(iter(seen().items()))])

    with pytest.raises(NotEnoughRows):
        match_by_hand(channel, one, actor=user)
    with pytest.raises(TooManyBreaks):
        match_by_hand(channel, dict.fromkeys(range(501), 1), actor=user)
    with pytest.raises(Forbidden):
        match_by_hand(channel, seen(), actor=make_user(channel.organization, Role.AUDITOR))
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        Break.objects.filter(amount=7).update(currency="USD")
        cursor.execute("SET session_replication_role = DEFAULT")
    with pytest.raises(MixedCurrencies, match="CNY, USD"):
        match_by_hand(channel, seen(), actor=user)


def test_a_row_that_somebody_else_dealt_with_is_told() -> None:
    channel, user = make_open(("5.00", "5.00"), ("5.00",))
    ours, other = seen(side="book").items()
    theirs = next(iter(seen(side="statement").items()))
    match_by_hand(channel, dict([ours, theirs]), actor=user)

    with pytest.raises(BreakIsTaken, match="Somebody else"):
        match_by_hand(channel, dict([other, theirs]), actor=user)

    assert Break.objects.filter(state="open").count() == 1


def test_an_undone_match_gives_rows_their_results_back() -> None:
    channel, user = make_open(("100.00",), ("99.80",))
    before = list(MatchedItem.objects.order_by("side").values())
    made = match_by_hand(channel, seen(), actor=user)

    with pytest.raises(StaleVersion):
        undo_match(made, version=7, actor=user, reason="wrong one")
    undo_match(made, version=made.version, actor=user, reason="wrong one")

    assert list(MatchedItem.objects.order_by("side").values()) == before
    assert states() == {("open", "")}
    with pytest.raises(MatchIsUndone):
        undo_match(made, version=2, actor=user, reason="")
    match_by_hand(channel, seen(), actor=user)
    call_command("verify_books")


def test_nothing_is_matched_while_a_run_works_or_after_it_is_signed_off() -> None:
    channel, user = make_open(("100.00",), ("100.00",))
    waiting = make_run(channel)
    with pytest.raises(ChannelIsBusy):
        match_by_hand(channel, seen(channel=channel), actor=user)
    type(waiting).objects.filter(pk=waiting.pk).update(state="cancelled")
    made = match_by_hand(channel, seen(channel=channel), actor=user)
    make_signed(MatchedItem.objects.filter(channel=channel)[0].run)

    with pytest.raises(MatchIsFixed):
        undo_match(made, version=made.version, actor=user, reason="late")


def test_postgresql_proves_a_match_by_hand_when_it_is_committed() -> None:
    channel, user = make_open(("100.00",), ("100.00",))
    made = match_by_hand(channel, seen(), actor=user)

    with pytest.raises(DatabaseError, match="does not add up"), transaction.atomic():
        HandMatch.objects.create(
            channel=channel, organization=channel.organization, group_id=77, row_count=2,
            delta=0, allowed=0, currency="CNY", created_by=user,
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for change in ({"delta": 1}, {"row_count": 3}):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            HandMatch.objects.filter(pk=made.pk).update(**change)
