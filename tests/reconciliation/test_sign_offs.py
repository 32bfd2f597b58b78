"""Signing off: two people, a proof that comes to zero, and a run that stays as it is."""

from __future__ import annotations

import json

import pytest
from django.db import DatabaseError, transaction
from django.db.models import F

from apps.core.errors import Forbidden
from apps.reconciliation.errors import (
    MatchIsFixed,
    NotProvable,
    OwnPreparation,
    OwnWithdrawal,
    ProofChanged,
    SignOffIsElsewhere,
)
from apps.reconciliation.models import Break, MatchedItem, ReconciliationRun, SignOff
from apps.reconciliation.services.sign_off_proof import sheet_of
from apps.reconciliation.services.sign_offs import (
    ask_to_withdraw,
    decide_withdrawal,
    prepare_sign_off,
    return_sign_off,
    sign_off,
)
from apps.reconciliation.services.signed_off import assert_not_signed_off
from apps.statements.models import Channel
from tests.factories import (
    DAY,
    make_account,
    make_accountant,
    make_approver,
    make_senior,
)
from tests.reconciliation.world import (
    DAYS,
    NEXT,
    decide_breaks,
    make_books,
    make_signed,
    post,
    run_now,
)
from tests.statements.world import make_line, make_statement, read

pytestmark = pytest.mark.django_db
PERIOD = DAYS


def make_month() -> Channel:
    """Return a channel with one match, one row on each side alone, and a statement of it."""
    channel = make_books(("TXN-1", "100.00"), ("TXN-2", "50.00"))
    lines = (make_line("99.60", "txn 1"), make_line("-3.00", "CHARGES"))
    make_statement(channel, read(*lines, **PERIOD))
    return channel


def make_decided() -> ReconciliationRun:
    """Return the run of such a month, all of whose breaks were decided on."""
    run = run_now(make_month())
    decide_breaks(run)
    return run


def test_breaks_that_nobody_decided_about_hinder() -> None:
    run = run_now(make_month())

    with pytest.raises(NotProvable, match="2 breaks have no decision"):
        prepare_sign_off(run, actor=make_accountant(run.channel.ledger))


def test_a_month_is_signed_off_with_its_proof() -> None:
    signed = make_signed(run_now(make_month()))

    said = json.loads(signed.proof)
    assert (said["book_balance"], said["statement_balance"]) == ("150.0000", "96.6000")
    assert (said["unexplained"], said["differences"][0]["effect"]) == ("0.0000", "-0.4000")
    assert (signed.run.state, signed.carried.count()) == ("signed_off", 2)


def test_the_same_run_has_the_same_seal() -> None:
    run = make_decided()
    actor = make_accountant(run.channel.ledger)

    first, second = (prepare_sign_off(run, actor=actor) for _ in range(2))

    first.refresh_from_db()
    assert (first.seal, first.state, second.state) == (second.seal, "returned", "prepared")


def test_a_missing_statement_hinders_and_is_named() -> None:
    channel = make_books(("TXN-1", "100.00"))
    make_statement(channel, read(make_line("100.00", "TXN-1")))
    run = run_now(channel)

    with pytest.raises(NotProvable, match=f"Statements end on {DAY}"):
        prepare_sign_off(run, actor=make_accountant(channel.ledger))
    assert SignOff.objects.count() == 0


def test_what_stays_unexplained_hinders() -> None:
    channel = make_books(("TXN-1", "100.00"))
    make_statement(channel, read(make_line("100.00", "TXN-1"), opening="0.01", **PERIOD))
    run = run_now(channel)

    with pytest.raises(NotProvable, match=r"0\.01 CNY stay unexplained"):
        prepare_sign_off(run, actor=make_accountant(channel.ledger))


def test_rows_that_came_after_the_run_hinder() -> None:
    channel = make_month()
    run = run_now(channel)
    post(channel.ledger, channel.account, make_account(channel.ledger), "LATE", "1.00")

    with pytest.raises(NotProvable, match="1 rows of these days came after"):
        prepare_sign_off(run, actor=make_accountant(channel.ledger))


def test_only_the_newest_run_is_signed_off() -> None:
    channel = make_month()
    first = run_now(channel)
    run_now(channel)

    with pytest.raises(NotProvable, match="Run 2 is newer"):
        prepare_sign_off(first, actor=make_accountant(channel.ledger))


def test_whoever_prepared_does_not_sign_and_accountants_do_not_either() -> None:
    run = make_decided()
    senior = make_senior(run.channel.ledger)
    prepared = prepare_sign_off(run, actor=senior)

    with pytest.raises(OwnPreparation):
        sign_off(prepared, actor=senior)
    with pytest.raises(Forbidden):
        sign_off(prepared, actor=make_accountant(run.channel.ledger))
    with pytest.raises(Forbidden):
        prepare_sign_off(run, actor=make_approver(run.channel.ledger))


def test_results_that_changed_meanwhile_are_prepared_again() -> None:
    run = make_decided()
    ledger = run.channel.ledger
    prepared = prepare_sign_off(run, actor=make_accountant(ledger))
    MatchedItem.objects.filter(run=run, bucket="missing_ext").update(bucket="ambiguous")

    with pytest.raises(ProofChanged):
        sign_off(prepared, actor=make_approver(ledger))
    run.refresh_from_db()
    assert run.state == ReconciliationRun.State.REVIEW


def test_a_returned_preparation_is_not_signed() -> None:
    run = make_decided()
    ledger = run.channel.ledger
    prepared = prepare_sign_off(run, actor=make_accountant(ledger))
    return_sign_off(prepared, actor=make_approver(ledger), notes="Charges?")

    with pytest.raises(SignOffIsElsewhere):
        sign_off(prepared, actor=make_approver(ledger))


def test_what_was_open_rolls_forward_into_the_next_sign_off() -> None:
    channel = make_month()
    make_signed(run_now(channel))
    line = make_line("50.00", "TXN-2", day=NEXT["from_on"])
    make_statement(channel, read(line, opening="96.60", **NEXT))

    rows = {row.category: row for row in sheet_of(run_now(channel, **NEXT)).roll}

    assert (rows["missing_ext"].brought.count, rows["missing_ext"].carried.count) == (1, 0)
    assert rows["missing_int"].carried.effect == -3


def test_an_earlier_proof_is_the_same_when_later_runs_cleared_its_rows() -> None:
    channel = make_month()
    signed = make_signed(run_now(channel))
    line = make_line("50.00", "TXN-2", day=NEXT["from_on"])
    make_statement(channel, read(line, opening="96.60", **NEXT))
    make_signed(run_now(channel, **NEXT))

    again = sheet_of(signed.run)

    assert again.proof.unexplained == 0
    assert [item.item_id for item in again.items] == list(
        signed.carried.order_by("side", "item_id").values_list("item_id", flat=True)
    )


def test_a_sign_off_is_withdrawn_by_two_people_and_a_newer_run_supersedes_it() -> None:
    signed = make_signed(run_now(make_month()))
    ledger = signed.run.channel.ledger
    senior = make_senior(ledger)
    asked = ask_to_withdraw(signed, actor=senior, reason="Matched with the wrong one.")

    with pytest.raises(OwnWithdrawal):
        decide_withdrawal(asked, is_confirmed=True, actor=senior)
    decide_withdrawal(asked, is_confirmed=True, actor=make_approver(ledger))

    again = make_signed(run_now(signed.run.channel))
    assert (again.supersedes, SignOff.objects.in_force().get()) == (signed, again)


def test_matches_are_free_again_once_their_sign_off_is_withdrawn() -> None:
    signed = make_signed(run_now(make_month()))
    matched = MatchedItem.objects.filter(run=signed.run, bucket="tolerance")
    with pytest.raises(DatabaseError, match="signed"), transaction.atomic():
        matched.update(bucket="manual")

    asked = ask_to_withdraw(signed, actor=signed.prepared_by, reason="A wrong match.")
    decide_withdrawal(asked, is_confirmed=True, actor=make_senior(signed.run.channel.ledger))

    assert matched.update(bucket="manual") == 2


def test_a_break_that_was_matched_and_signed_off_stays_resolved() -> None:
    channel = make_books(("TXN-1", "100.00"))
    run_now(channel)
    make_statement(channel, read(make_line("100.00", "TXN-1"), **PERIOD))
    make_signed(run_now(channel))

    with pytest.raises(DatabaseError, match="signed off stays"):
        Break.objects.filter(state="resolved").update(note="?", version=F("version") + 1)


def test_a_break_that_was_open_goes_on_after_its_run_was_signed_off() -> None:
    signed = make_signed(run_now(make_month()))

    Break.objects.filter(state="waiting").update(note="asked", version=F("version") + 1)

    assert set(signed.carried.values_list("state", flat=True)) == {"waiting"}


def test_withdrawn_matches_are_free_though_a_later_month_is_in_force() -> None:
    channel = make_month()
    first = make_signed(run_now(channel))
    make_statement(channel, read(opening="96.60", **NEXT))
    make_signed(run_now(channel, **NEXT))
    with pytest.raises(MatchIsFixed):
        assert_not_signed_off([first.run_id])

    asked = ask_to_withdraw(first, actor=first.prepared_by, reason="A wrong match.")
    decide_withdrawal(asked, is_confirmed=True, actor=make_senior(channel.ledger))

    assert_not_signed_off([first.run_id])
