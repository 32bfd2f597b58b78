"""Splitting a row: parts add up, are worked on like rows, and can be put back together."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction

from apps.audit.models import OperationLog
from apps.core.errors import Forbidden, StaleVersion
from apps.ledgers.models import JournalLine
from apps.organizations.models import User
from apps.organizations.permissions import Role
from apps.reconciliation.errors import (
    BreakIsTaken,
    ChannelIsBusy,
    MatchIsFixed,
    ReasonIsMissing,
)
from apps.reconciliation.models import Break, MatchedItem, RowPart, RowSplit
from apps.reconciliation.services.break_matching import match_by_hand
from apps.reconciliation.services.break_splitting import split_row, undo_split
from apps.reconciliation.services.break_steps import mark_duplicate, wait_until
from apps.reconciliation.split_errors import (
    PartIsUsed,
    PartsDoNotAddUp,
    SplitIsUndone,
    TooFewParts,
    WrongPart,
)
from apps.statements.models import Channel, StatementLine
from tests.factories import DAY, make_account, make_user
from tests.reconciliation.world import DAYS, make_books, make_run, make_signed, post, run_now
from tests.statements.world import make_line, make_statement, read

pytestmark = pytest.mark.django_db


def make_open(*ours: tuple[str, str], theirs: str = "100.00") -> tuple[Channel, User]:
    """Return a channel with a statement line T-1 and rows of the books, after a run."""
    channel = make_books(*ours)
    make_statement(channel, read(make_line(theirs, "T-1"), **DAYS))
    run_now(channel)
    return channel, make_user(channel.organization, Role.ACCOUNTANT)


def the_line() -> Break:
    """Return the break of the statement's line."""
    return Break.objects.get(side="statement", item_id=StatementLine.objects.get().pk)


def split(found: Break, *amounts: str, actor: User, **values: object) -> RowSplit:
    """Split a row at the version that it has."""
    parts = [(Decimal(amount), f"note {n}") for n, amount in enumerate(amounts)]
    options = {"version": found.version, "reason": "in part"} | values
    return split_row(found, parts, actor=actor, **options)  # type: ignore[arg-type]


def break_of(made: RowSplit, position: int) -> Break:
    """Return the break of a part."""
    part = made.parts.get(position=position)
    return Break.objects.get(channel=made.channel, side=made.side, item_id=part.item_id)


def match(*found: Break, actor: User) -> None:
    """Match the rows of breaks by hand."""
    seen = {one.pk: Break.objects.get(pk=one.pk).version for one in found}
    match_by_hand(found[0].channel, seen, actor=actor)


def buckets() -> list[tuple[str, Decimal, str]]:
    """Return side, amount and bucket of all rows."""
    rows = MatchedItem.objects.values_list("side", "amount", "bucket")
    return sorted(rows.order_by())


def test_the_parts_stand_for_the_row_and_the_line_stays() -> None:
    _channel, user = make_open()
    lines = list(StatementLine.objects.values())

    made = split(the_line(), "60.00", "40.00", actor=user)

    assert buckets() == [
        ("statement", Decimal(40), "missing_int"),
        ("statement", Decimal(60), "missing_int"),
    ]
    assert list(StatementLine.objects.values()) == lines
    whole, first = the_line(), break_of(made, 1)
    assert (whole.state, whole.resolution, whole.note) == ("resolved", "split", "in part")
    assert (first.state, first.amount, first.at_risk, first.booked_on, first.note) == (
        "open",
        60,
        60,
        whole.booked_on,
        "note 0",
    )
    call_command("verify_books")


def test_one_part_is_matched_by_hand_and_a_later_run_pairs_the_other_by_itself() -> None:
    channel, user = make_open(("OUR-1", "60.00"))
    made = split(the_line(), "60.00", "40.00", actor=user)
    match(break_of(made, 1), Break.objects.get(side="book"), actor=user)
    post(channel.ledger, channel.account, make_account(channel.ledger), "T-1", "40.00")

    run_now(channel)

    part = made.parts.get(position=2)
    row = MatchedItem.objects.get(side="statement", item_id=part.item_id)
    assert (row.bucket, row.amount) == ("exact", Decimal(40))
    assert row.partner_id == JournalLine.objects.get(account=channel.account, amount=40).pk
    assert break_of(made, 2).resolution == "matched"
    assert the_line().resolution == "split"
    call_command("verify_books")


def test_a_row_of_the_books_is_split_and_its_part_finds_a_later_line() -> None:
    channel = make_books(("T-9", "100.00"))
    run_now(channel)
    user = make_user(channel.organization, Role.ACCOUNTANT)
    made = split(Break.objects.get(), "60.00", "40.00", actor=user)
    make_statement(channel, read(make_line("60.00", "T-9"), **DAYS))

    run_now(channel)

    assert buckets() == [
        ("book", Decimal(40), "missing_ext"),
        ("book", Decimal(60), "exact"),
        ("statement", Decimal(60), "exact"),
    ]
    assert break_of(made, 1).resolution == "matched"
    call_command("verify_books")


def test_a_part_is_split_again() -> None:
    channel, user = make_open()
    made = split(the_line(), "60.00", "40.00", actor=user)

    again = split(break_of(made, 2), "25.00", "15.00", actor=user)

    assert {part.line_id for part in again.parts.all()} == {StatementLine.objects.get().pk}
    run_now(channel)
    assert [amount for _side, amount, _bucket in buckets()] == [15, 25, 60]
    with pytest.raises(PartIsUsed, match="Part 2 is “split into parts”"):
        undo_split(made, version=1, actor=user, reason="wrong")
    undo_split(again, version=1, actor=user, reason="wrong")
    undo_split(made, version=1, actor=user, reason="wrong")
    assert [amount for _side, amount, _bucket in buckets()] == [100]
    call_command("verify_books")


def test_an_undone_split_gives_the_row_its_result_back() -> None:
    channel, user = make_open(("T-1", "60.00"))
    before = list(MatchedItem.objects.order_by("side").values())
    made = split(the_line(), "60.00", "40.00", actor=user)

    with pytest.raises(ReasonIsMissing):
        undo_split(made, version=1, actor=user, reason=" ")
    with pytest.raises(StaleVersion):
        undo_split(made, version=7, actor=user, reason="wrong row")
    undo_split(made, version=1, actor=user, reason="wrong row")

    assert list(MatchedItem.objects.order_by("side").values()) == before
    assert the_line().state == "open"
    assert {break_of(made, n).resolution for n in (1, 2)} == {"rejoined"}
    with pytest.raises(SplitIsUndone):
        undo_split(made, version=2, actor=user, reason="twice")
    run_now(channel)
    assert list(MatchedItem.objects.order_by("side").values_list("amount", flat=True)) == [
        60,
        100,
    ]
    split(the_line(), "50.00", "50.00", actor=user)
    call_command("verify_books")


def test_a_split_stays_while_a_part_is_used() -> None:
    _channel, user = make_open(("OUR-1", "60.00"))
    made = split(the_line(), "60.00", "40.00", actor=user)
    other = break_of(made, 2)
    mark_duplicate(other, version=other.version, reason="twice", actor=user)

    with pytest.raises(PartIsUsed, match="Part 2 is “marked as a duplicate”"):
        undo_split(made, version=1, actor=user, reason="wrong")
    match(break_of(made, 1), Break.objects.get(side="book"), actor=user)
    with pytest.raises(PartIsUsed, match="Part 1 is “matched by hand”"):
        undo_split(made, version=1, actor=user, reason="wrong")


def test_parts_of_a_row_that_somebody_has_are_theirs_and_may_wait() -> None:
    _channel, user = make_open()
    whole = the_line()
    Break.objects.filter(pk=whole.pk).update(owner=user, state="assigned", version=2)
    made = split(the_line(), "60.00", "40.00", actor=user)
    part = break_of(made, 1)
    wait_until(part, DAY.replace(year=2099), version=1, reason="next month", actor=user)

    assert (part.owner, part.state) == (user, "assigned")
    undo_split(made, version=1, actor=user, reason="wrong")
    assert the_line().state == "assigned"


@pytest.mark.parametrize(
    ("amounts", "error"),
    [
        (("100.00",), TooFewParts),
        (("2.00",) * 51, TooFewParts),
        (("60.00", "39.99"), PartsDoNotAddUp),
        (("100.00", "0.00"), WrongPart),
        (("110.00", "-10.00"), WrongPart),
        (("60.005", "39.995"), WrongPart),
    ],
)
def test_what_makes_no_parts_is_refused_and_changes_nothing(
    amounts: tuple[str, ...], error: type[Exception]
) -> None:
    _channel, user = make_open()

    with pytest.raises(error):
        split(the_line(), *amounts, actor=user)

    assert buckets() == [("statement", Decimal(100), "missing_int")]
    assert not RowSplit.objects.exists()


def test_what_is_left_is_told() -> None:
    _channel, user = make_open(theirs="-1100.00")

    with pytest.raises(PartsDoNotAddUp, match=r"come to -1,000.00 and .* -100.00 is left"):
        split(the_line(), "-600.00", "-400.00", actor=user)


def test_a_row_that_somebody_else_dealt_with_or_that_a_run_has_is_not_split() -> None:
    channel, user = make_open(("OUR-1", "100.00"))
    found = the_line()
    with pytest.raises(BreakIsTaken):
        split(found, "60.00", "40.00", actor=user, version=found.version + 1)
    with pytest.raises(Forbidden):
        split(found, "60.00", "40.00", actor=make_user(channel.organization, Role.AUDITOR))
    waiting = make_run(channel)
    with pytest.raises(ChannelIsBusy):
        split(found, "60.00", "40.00", actor=user)
    type(waiting).objects.filter(pk=waiting.pk).update(state="cancelled")
    match(found, Break.objects.get(side="book"), actor=user)
    with pytest.raises(BreakIsTaken):
        split(the_line(), "60.00", "40.00", actor=user)


def test_nothing_is_split_or_put_back_in_a_signed_off_run() -> None:
    channel, user = make_open(("OUR-1", "50.00"))
    made = split(the_line(), "60.00", "40.00", actor=user)
    make_signed(MatchedItem.objects.filter(channel=channel)[0].run)

    with pytest.raises(MatchIsFixed):
        undo_split(made, version=1, actor=user, reason="late")
    with pytest.raises(MatchIsFixed):
        split(Break.objects.get(side="book"), "20.00", "30.00", actor=user)
    with pytest.raises(DatabaseError, match="signed-off run"), transaction.atomic():
        RowSplit.objects.filter(pk=made.pk).update(is_undone=True, undone_run=made.run)
    call_command("verify_books")


def test_the_trace_says_who_split_what() -> None:
    _channel, user = make_open()

    made = split(the_line(), "60.00", "40.00", actor=user)

    rows = OperationLog.objects.filter(kind="break.split")
    assert {"reconciliation_rowsplit", "reconciliation_rowpart", "reconciliation_break"} <= set(
        rows.values_list("resource_type", flat=True)
    )
    assert set(rows.values_list("actor_id", "reason")) == {(user.pk, "in part")}
    assert made.history.count() == 1
    assert RowPart.objects.count() == 2
