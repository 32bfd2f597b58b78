"""Pages of proofs: what hinders, who may do what, the paper, and undoing it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from apps.organizations.models import User
from apps.reconciliation.models import ReconciliationRun, SignOff
from apps.reconciliation.services.sign_offs import prepare_sign_off
from tests.factories import make_accountant, make_approver, make_senior
from tests.reconciliation.world import DAYS, decide_breaks, make_books, make_signed, run_now
from tests.statements.world import make_line, make_statement, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> ReconciliationRun:
    """Return a run whose month comes to zero, with open rows on both sides."""
    channel = make_books(("TXN-1", "100.00"), ("TXN-2", "50.00"))
    lines = (make_line("99.60", "txn 1"), make_line("-3.00", "CHARGES"))
    make_statement(channel, read(*lines, **DAYS))
    return run_now(channel)


def page(user: User, name: str, *keys: int) -> str:
    """Return a page as text."""
    client = Client()
    client.force_login(user)
    return client.get(reverse(f"reconciliation:{name}", args=keys)).content.decode()


def press(user: User, name: str, pk: int, **body: str) -> None:
    """Send a form."""
    client = Client()
    client.force_login(user)
    assert client.post(reverse(f"reconciliation:{name}", args=[pk]), body).status_code == 302


def test_a_proof_lists_what_hinders_it_and_offers_no_form(run: ReconciliationRun) -> None:
    shown = page(make_accountant(run.channel.ledger), "proof_detail", run.pk)

    assert "2 breaks have no decision" in shown
    assert "Put it before its reviewer" not in shown
    assert "TXN-2" in shown


def test_a_month_is_signed_off_through_its_page(run: ReconciliationRun) -> None:
    decide_breaks(run)
    ledger = run.channel.ledger
    press(make_accountant(ledger), "proof_prepare", run.pk, notes="Charges come next month.")
    found = SignOff.objects.get()
    press(make_approver(ledger), "sign_off_sign", found.pk)

    shown = page(make_senior(ledger), "proof_detail", run.pk)
    assert f"{SignOff.objects.get().seal}</code>" in shown
    assert "Charges come next month." in shown
    assert "signed off" in page(make_senior(ledger), "sign_off_list")


def test_whoever_prepared_may_take_it_back_and_is_not_offered_to_sign(
    run: ReconciliationRun,
) -> None:
    decide_breaks(run)
    senior = make_senior(run.channel.ledger)
    prepared = prepare_sign_off(run, actor=senior)

    shown = page(senior, "proof_detail", run.pk)
    press(senior, "sign_off_return", prepared.pk)

    assert "Give it back" in shown
    assert reverse("reconciliation:sign_off_sign", args=[prepared.pk]) not in shown
    prepared.refresh_from_db()
    assert prepared.state == "returned"


def test_two_people_withdraw_a_sign_off_through_its_page(run: ReconciliationRun) -> None:
    signed, ledger = make_signed(run), run.channel.ledger
    press(make_accountant(ledger), "sign_off_withdraw", signed.pk, reason="Wrong match.")
    press(make_approver(ledger), "sign_off_decide", signed.pk, decision="confirm")

    assert "This sign-off was withdrawn" in page(make_senior(ledger), "proof_detail", run.pk)
    assert "withdrawn" in page(make_senior(ledger), "sign_off_list")


def test_a_withdrawal_needs_a_reason(run: ReconciliationRun) -> None:
    signed = make_signed(run)

    press(make_accountant(run.channel.ledger), "sign_off_withdraw", signed.pk, reason=" ")

    assert not signed.withdrawals.exists()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_paper_is_a_pdf_whose_font_has_chinese(
    run: ReconciliationRun, language: str
) -> None:
    make_signed(run)
    client = Client(headers={"Accept-Language": language})
    client.force_login(make_approver(run.channel.ledger))

    with translation.override(language):
        answer = client.get(reverse("reconciliation:proof_download", args=[run.pk]))

    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert b"/FontFile2" in answer.content or b"STSong-Light" in answer.content
