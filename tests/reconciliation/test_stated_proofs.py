"""A wallet whose bills tell no balance is signed off with one that a person stated."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from apps.ledgers.services.verification import verify_inside_a_transaction
from apps.reconciliation.domain.proof import Hindrance
from apps.reconciliation.errors import ProofChanged
from apps.reconciliation.models import ReconciliationRun
from apps.reconciliation.services.sign_off_pages import proof_page
from apps.reconciliation.services.sign_off_paper import paper_of
from apps.reconciliation.services.sign_off_proof import kept_balances, sheet_of
from apps.reconciliation.services.sign_offs import (
    ask_to_withdraw,
    decide_withdrawal,
    prepare_sign_off,
    sign_off,
)
from apps.statements.errors import BalanceIsSigned
from apps.statements.models import Channel
from tests.factories import make_accountant, make_approver, make_senior
from tests.reconciliation.world import DAYS, decide_breaks, make_books, make_signed, run_now
from tests.statements.world import make_line, make_stated, make_statement, read

pytestmark = pytest.mark.django_db
END = DAYS["to_on"]


@pytest.fixture
def wallet() -> Channel:
    """Return a channel with one match, one row on each side alone, and a bill of it."""
    channel = make_books(("TXN-1", "100.00"), ("TXN-2", "50.00"))
    lines = (make_line("99.60", "txn 1"), make_line("-3.00", "CHARGES"))
    make_statement(channel, read(*lines, opening=None, **DAYS))
    return channel


@pytest.fixture
def run(wallet: Channel) -> ReconciliationRun:
    """Return its run, all of whose breaks were decided on."""
    found = run_now(wallet)
    decide_breaks(found)
    return found


def hindrances(run: ReconciliationRun) -> list[str]:
    """Return what hinders the sign-off of a run."""
    return [one.code for one in sheet_of(run).obstacles]


def test_without_a_stated_balance_nothing_is_proved(run: ReconciliationRun) -> None:
    assert hindrances(run) == [Hindrance.NO_BALANCES]


def test_the_stated_balance_is_proved_and_told_with_who_stated_it(
    run: ReconciliationRun, wallet: Channel
) -> None:
    actor = make_senior(wallet.ledger)
    make_stated(wallet, "96.60", at_on=END, actor=actor)

    signed = make_signed(run)

    page = proof_page(run)
    assert page.sheet.proof.unexplained == 0
    words = f"Balance on {END}, stated by {actor.display_name()}"
    assert words in [line.label for line in page.lines]
    kept = json.loads(signed.proof)["stated_balances"]
    assert [row["balance"] for row in kept] == ["96.6000"]
    assert kept_balances(json.loads(signed.proof)) == list(page.sheet.stated)
    browser = Client()
    browser.force_login(actor)
    shown = browser.get(reverse("reconciliation:proof_detail", args=(run.pk,)))
    assert f"Stated by {actor.display_name()}" in shown.content.decode()
    assert paper_of(page).startswith(b"%PDF")
    assert [one.name for one in verify_inside_a_transaction() if one.count] == []


def test_a_balance_that_differs_stays_unexplained(
    run: ReconciliationRun, wallet: Channel
) -> None:
    make_stated(wallet, "96.61", at_on=END, actor=make_senior(wallet.ledger))

    assert hindrances(run) == [Hindrance.UNEXPLAINED]


def test_lines_between_two_stated_balances_have_to_make_the_second(
    run: ReconciliationRun, wallet: Channel
) -> None:
    actor = make_senior(wallet.ledger)
    make_stated(wallet, "96.60", at_on=END, actor=actor)
    make_stated(wallet, "96.00", at_on=DAYS["from_on"], actor=actor)

    assert hindrances(run) == [Hindrance.LINES_DISAGREE]


def test_a_balance_that_ends_before_the_cut_off_does_not_reach(
    run: ReconciliationRun, wallet: Channel
) -> None:
    day = END - timedelta(days=1)
    make_stated(wallet, "96.60", at_on=day, actor=make_senior(wallet.ledger))

    assert hindrances(run) == [Hindrance.MISSING_STATEMENT]


def test_a_correction_meanwhile_is_prepared_again(
    run: ReconciliationRun, wallet: Channel
) -> None:
    actor = make_senior(wallet.ledger)
    make_stated(wallet, "96.60", at_on=END, actor=actor)
    prepared = prepare_sign_off(run, actor=make_accountant(wallet.ledger))
    make_stated(wallet, "96.60", at_on=END, version=1, actor=actor)

    with pytest.raises(ProofChanged):
        sign_off(prepared, actor=make_approver(wallet.ledger))


def test_what_a_signed_proof_stands_on_stays_until_it_is_withdrawn(
    run: ReconciliationRun, wallet: Channel
) -> None:
    actor = make_senior(wallet.ledger)
    make_stated(wallet, "96.60", at_on=END, actor=actor)
    signed = make_signed(run)

    for day, version in ((END, 1), (DAYS["from_on"], 0)):
        with pytest.raises(BalanceIsSigned):
            make_stated(wallet, "96.60", at_on=day, version=version, actor=actor)
    make_stated(wallet, "1.00", at_on=END + timedelta(days=1), actor=actor)
    asked = ask_to_withdraw(signed, reason="wrong", actor=make_accountant(wallet.ledger))
    decide_withdrawal(asked, is_confirmed=True, actor=make_approver(wallet.ledger))

    assert make_stated(wallet, "96.60", at_on=END, version=1, actor=actor).version == 2


def test_once_files_tell_balances_these_alone_count(wallet: Channel) -> None:
    make_stated(wallet, "5.00", at_on=END, actor=make_senior(wallet.ledger))
    later = make_line("1.00", "Z", day=END + timedelta(days=1))
    make_statement(wallet, read(later, opening="0"))

    sheet = sheet_of(run_now(wallet))

    assert sheet.stated == ()
    assert sheet.proof.statement != 5
