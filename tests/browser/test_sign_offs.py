"""A month is signed off by two people in the browser, in both languages, and printed."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Page, expect

from apps.organizations.models import User
from apps.reconciliation.models import ReconciliationRun, SignOff
from apps.reconciliation.services.sign_off_verification import untrue_sign_offs
from tests.browser.site import PHONE, WIDE, Site
from tests.browser.steps import url
from tests.factories import make_accountant, make_approver
from tests.reconciliation.world import DAYS, decide_breaks, make_books, run_now
from tests.statements.world import make_line, make_statement, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> ReconciliationRun:
    """Return a run with a match within tolerance, and an open row on each side."""
    channel = make_books(("TXN-1", "100.00"), ("TXN-2", "50.00"))
    lines = (make_line("99.60", "txn 1"), make_line("-3.00", "CHARGES"))
    make_statement(channel, read(*lines, **DAYS))
    return run_now(channel)


def opened(site: Site, who: User, run: ReconciliationRun, language: str, width: int) -> Page:
    """Return the page of a proof, come to by the list of sign-offs."""
    page = site.window(who, language=language, width=width)
    site.visit(page, url("reconciliation:sign_off_list"))
    page.get_by_role("link", name=run.channel.name).click()
    expect(page.locator("#proof-title")).to_be_visible()
    return page


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_month_is_signed_off_by_two_people(
    site: Site, run: ReconciliationRun, language: str, tmp_path: Path
) -> None:
    ledger = run.channel.ledger
    with translation.override(language):
        words = [
            gettext(word) for word in ("Put it before its reviewer", "Sign off", "signed off")
        ]
    page = opened(site, make_accountant(ledger), run, language, WIDE)
    expect(page.get_by_role("note")).to_contain_text("2")
    decide_breaks(run)
    page.reload()
    page.get_by_role("textbox").fill("手续费下月入账")
    page.get_by_role("button", name=words[0]).click()

    other = opened(site, make_approver(ledger), run, language, PHONE)
    expect(other.locator(".is-result .fm-num").last).to_have_text("0.00")
    other.get_by_role("button", name=words[1], exact=True).click()

    expect(other.locator("h1")).to_contain_text(words[2])
    with other.expect_download() as paper:
        other.get_by_role("link", name="PDF").click()
    paper.value.save_as(tmp_path / "proof.pdf")
    assert (tmp_path / "proof.pdf").read_bytes().startswith(b"%PDF-")
    assert (
        SignOff.objects.in_force().get(run=run).carried.count(),
        untrue_sign_offs(None),
    ) == (2, [])
