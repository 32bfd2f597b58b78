"""Proofs and sign-offs with rows that are split: whole or in parts, as a run knew them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command

from apps.organizations.models import User
from apps.reconciliation.models import Break, CarriedItem, MatchedItem, RowSplit
from apps.reconciliation.services.break_splitting import undo_split
from apps.reconciliation.services.break_steps import open_again
from apps.reconciliation.services.sign_off_proof import sheet_of
from apps.statements.models import Channel
from tests.factories import make_account
from tests.reconciliation.test_break_splitting import (
    break_of,
    make_open,
    match,
    split,
    the_line,
)
from tests.reconciliation.world import NEXT, make_signed, post, run_now
from tests.statements.world import make_statement, read

pytestmark = pytest.mark.django_db


def carried() -> list[list[Decimal]]:
    """Return what each sign-off carried, by amount."""
    signed = CarriedItem.objects.values_list("sign_off", flat=True).distinct().order_by()
    return [
        sorted(CarriedItem.objects.filter(sign_off=pk).values_list("amount", flat=True))
        for pk in sorted(set(signed))
    ]


def reopened(made: RowSplit, user: User) -> None:
    """Open the breaks of parts again, which a sign-off let wait."""
    for part in made.parts.all():
        found = break_of(made, part.position)
        open_again(found, version=found.version, reason="", actor=user)


def next_month(channel: Channel) -> None:
    """Run the days after."""
    make_statement(channel, read(opening="100.00", **NEXT))
    run_now(channel, **NEXT)


def test_a_proof_with_a_part_outstanding_comes_to_nothing_unexplained() -> None:
    _channel, user = make_open(("OUR-1", "60.00"))
    made = split(the_line(), "60.00", "40.00", actor=user)
    match(break_of(made, 1), Break.objects.get(side="book"), actor=user)

    signed = make_signed(made.run)

    assert sheet_of(made.run).proof.unexplained == 0
    assert carried() == [[Decimal(40)]]
    assert signed.state == "signed"
    call_command("verify_books")


def test_a_sign_off_holds_after_a_row_it_carried_whole_is_split_later() -> None:
    channel, user = make_open()
    make_signed(MatchedItem.objects.get().run)
    next_month(channel)
    made = split(the_line(), "60.00", "40.00", actor=user)

    make_signed(made.run)

    assert carried() == [[Decimal(100)], [Decimal(40), Decimal(60)]]
    call_command("verify_books")


def test_a_sign_off_holds_after_parts_it_carried_are_put_back_together_later() -> None:
    channel, user = make_open()
    made = split(the_line(), "60.00", "40.00", actor=user)
    make_signed(made.run)
    next_month(channel)
    undo_split(made, version=1, actor=user, reason="one transfer after all")

    made.refresh_from_db()
    assert made.undone_run_id
    assert made.undone_run_id > made.run_id
    make_signed(MatchedItem.objects.get().run)
    assert carried() == [[Decimal(40), Decimal(60)], [Decimal(100)]]
    call_command("verify_books")


def test_a_sign_off_holds_after_a_part_it_carried_is_split_again_and_matched() -> None:
    channel, user = make_open()
    made = split(the_line(), "60.00", "40.00", actor=user)
    make_signed(made.run)
    next_month(channel)
    reopened(made, user)
    again = split(break_of(made, 2), "25.00", "15.00", actor=user)
    post(channel.ledger, channel.account, make_account(channel.ledger), "T-1", "25.00")
    run_now(channel, from_on=NEXT["from_on"], to_on=NEXT["to_on"] + timedelta(9))

    assert break_of(again, 1).resolution == "matched"
    call_command("verify_books")


def test_a_part_that_a_run_could_pair_is_found_with_the_reference_of_its_line() -> None:
    channel, user = make_open()
    made = split(the_line(), "60.00", "40.00", actor=user)
    post(channel.ledger, channel.account, make_account(channel.ledger), "T-1", "60.00")
    post(channel.ledger, channel.account, make_account(channel.ledger), "T-1", "40.00")

    run = run_now(channel)

    assert run.state == "review"
    assert set(MatchedItem.objects.values_list("bucket", flat=True)) == {"exact"}
    assert {break_of(made, n).resolution for n in (1, 2)} == {"matched"}
