"""The same work with JavaScript switched off: every step is a form or a link."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from apps.ledgers.models import EntryState, Ledger
from apps.organizations.permissions import Role
from tests.browser.site import Site
from tests.browser.steps import Form, approve_and_post, only_entry, url

pytestmark = pytest.mark.django_db
RENT = (("6602.08", "1600.00", ""), ("1002", "", "1600.00"))


@pytest.fixture
def ledger(site: Site) -> Ledger:
    """Return a ledger of this test alone."""
    return site.world.books()


def test_an_entry_is_written_decided_posted_and_found(site: Site, ledger: Ledger) -> None:
    form = Form(site, site.window(Role.ACCOUNTANT, script=False), ledger)
    form.open_new()
    form.page.locator("#id_entry_date").fill("2026-01-15")
    form.fill(*RENT)
    form.send("submit")
    expect(form.page.locator("h1")).to_contain_text("Submitted")

    page = site.window(Role.SENIOR_ACCOUNTANT, script=False)
    entry = only_entry(ledger)
    site.visit(page, url("ledgers:journal_entry_detail", ledger.code, entry.pk))
    approve_and_post(page)
    site.visit(page, url("reports:trial_balance", ledger.code) + "?first=2026-01&last=2026-01")
    page.get_by_role("row", name="6602.08").get_by_role("link", name="1,600.00").first.click()
    page.get_by_role("link", name="JV-2026-01-0001").click()
    expect(page.locator("h1")).to_have_text("JV-2026-01-0001 Posted")


def test_more_lines_are_added_and_errors_stand_at_their_lines(
    site: Site, ledger: Ledger
) -> None:
    form = Form(site, site.window(Role.ACCOUNTANT, script=False), ledger)
    form.open_new()
    form.page.locator("#id_entry_date").fill("2026-01-15")
    form.fill(("6602.08", "1.005", ""), ("no such account", "", "1.00"))
    lines = form.page.locator("[data-lines] > [data-line]")
    count = lines.count()
    form.send("add_lines")
    expect(form.cell(1, "debit")).to_have_value("1.005")
    assert lines.count() > count
    form.send("save")

    expect(form.page.get_by_role("alert")).to_contain_text("no such account")
    expect(form.cell(1, "debit")).to_have_attribute("aria-invalid", "true")
    assert not ledger.entries.exists()
    site.forgive(422)


def test_theme_and_language_are_chosen_by_plain_buttons(site: Site) -> None:
    page = site.window(site.world.members[Role.TREASURY], script=False)
    site.visit(page, "/")
    page.get_by_role("button", name="Dark theme").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.get_by_role("button", name="切换到简体中文").click()

    expect(page.locator("h1")).to_contain_text("我的工作")


def test_an_entry_is_withdrawn_without_script(site: Site, ledger: Ledger) -> None:
    form = Form(site, site.window(Role.ACCOUNTANT, script=False), ledger)
    form.open_new()
    form.page.locator("#id_entry_date").fill("2026-01-15")
    form.fill(*RENT)
    form.send("submit")
    form.page.get_by_role("button", name="Withdraw").click()

    expect(form.page.locator("h1")).to_contain_text("Draft")
    assert only_entry(ledger).state == EntryState.DRAFT
