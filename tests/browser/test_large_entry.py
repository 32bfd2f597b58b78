"""An entry of a thousand lines stays a form that one can type into."""

from __future__ import annotations

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from apps.organizations.permissions import Role
from tests.browser.site import Site
from tests.browser.steps import Form, only_entry, paste

pytestmark = pytest.mark.django_db
COUNT = 1000
AMOUNT = Decimal("1234567.89")
TOTAL = AMOUNT * COUNT / 2
PAIR = [["Rent", "6602.08", "", str(AMOUNT), ""], ["Rent", "1002", "", "", str(AMOUNT)]]


@pytest.fixture
def form(site: Site) -> Form:
    """Return the form of a new entry into which a thousand lines were pasted."""
    form = Form(site, site.window(Role.ACCOUNTANT), site.world.books())
    form.open_new()
    form.wait()
    form.page.locator("#id_entry_date").fill("2026-01-15")
    form.cell(1, "summary").focus()
    paste(form.page, PAIR * (COUNT // 2))
    return form


def test_a_thousand_lines_are_all_there_and_their_sums_exact(form: Form) -> None:
    balance = form.page.locator("[data-balance]")
    expect(balance).to_have_text(f"✓ Balanced · {TOTAL:,.2f}")

    form.cell(501, "debit").focus()
    form.type("1234567.90")
    expect(balance).to_have_text("Out of balance by 0.01 · debit is larger")
    form.type("<Control+a>", str(AMOUNT), "<Control+Enter>")

    expect(form.page.locator("h1")).to_contain_text("Submitted")
    lines = only_entry(form.ledger).lines
    assert lines.count() == COUNT
    assert sum(lines.values_list("debit", flat=True)) == TOTAL
