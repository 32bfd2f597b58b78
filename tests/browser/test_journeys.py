"""From the first key to the trial balance, through the whole application."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from apps.ledgers.models import EntryState, JournalEntry, Ledger
from apps.organizations.permissions import Role
from tests.browser.site import Site
from tests.browser.steps import Form, approve_and_post, only_entry, press_button, url
from tests.factories import PASSWORD, make_draft, make_submitted, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger(site: Site) -> Ledger:
    """Return a ledger of this test alone."""
    return site.world.books()


@pytest.fixture
def form(site: Site, ledger: Ledger) -> Form:
    """Return the entry form of the accountant."""
    return Form(site, site.window(Role.ACCOUNTANT), ledger)


def rent_of(site: Site, ledger: Ledger) -> JournalEntry:
    """Return a submitted entry: rent, paid from the bank."""
    rent, bank = (ledger.chart.accounts.get(code=code) for code in ("6602.08", "1002"))
    maker = site.world.members[Role.ACCOUNTANT]
    return make_submitted(ledger, (rent, "1600.00"), (bank, "-1600.00"), maker=maker)


def test_an_entry_is_written_and_submitted_by_keys_alone(form: Form, ledger: Ledger) -> None:
    form.open_new()
    form.wait()
    form.type("2026-01-15", "<Tab>", "<Tab>", "Rent of January", "<Tab>")
    form.type("Rent", "<Enter>", "6602.08", "<Enter>", "<Enter>", "1000+200*3", "<Enter>")
    form.type("..", "<Enter>", "bank dep", "<Enter>", "<Enter>", "600", "<Space>", "<Enter>")
    form.type("..", "<Enter>", "kcxj", "<Enter>", "<Enter>", "<ArrowRight>", "=")
    expect(form.page.locator("[data-balance]")).to_have_text("✓ Balanced · 1,600.00")
    form.type("<Control+Enter>")

    expect(form.page.locator("h1")).to_contain_text("Submitted")
    entry = only_entry(ledger)
    lines = entry.lines.order_by("position").values_list(
        "account__code", "summary", "base_amount"
    )
    assert list(lines) == [
        ("6602.08", "Rent", Decimal(1600)),
        ("1002", "Rent", Decimal(-600)),
        ("1001", "Rent", Decimal(-1000)),
    ]


def test_another_person_approves_and_posts(site: Site, ledger: Ledger) -> None:
    entry = rent_of(site, ledger)
    page = site.window(Role.SENIOR_ACCOUNTANT)
    site.visit(page, url("ledgers:journal_entry_detail", ledger.code, entry.pk))

    press_button(page, "Approve")
    page.locator("summary", has_text="Post").press("Enter")
    press_button(page, "Post")

    expect(page.locator("h1")).to_have_text("JV-2026-01-0001 Posted")
    entry.refresh_from_db()
    assert entry.state == EntryState.POSTED


def test_the_trial_balance_leads_down_to_the_entry(site: Site, ledger: Ledger) -> None:
    entry = rent_of(site, ledger)
    page = site.window(Role.SENIOR_ACCOUNTANT)
    site.visit(page, url("ledgers:journal_entry_detail", ledger.code, entry.pk))
    approve_and_post(page)
    site.visit(page, url("reports:trial_balance", ledger.code) + "?first=2026-01&last=2026-01")

    expect(page.locator(".fm-proof")).to_contain_text("Balanced to the cent")
    row = page.get_by_role("row", name="6602.08")
    row.get_by_role("link", name="1,600.00").first.click()
    expect(page.locator("h1")).to_have_text("6602.08 Rent")
    page.get_by_role("link", name="JV-2026-01-0001").click()

    expect(page.locator("h1")).to_have_text("JV-2026-01-0001 Posted")


def test_two_windows_end_in_a_choice_by_field(site: Site, form: Form, ledger: Ledger) -> None:
    rent, bank = (ledger.chart.accounts.get(code=code) for code in ("6602.08", "1002"))
    maker = site.world.members[Role.ACCOUNTANT]
    entry = make_draft(ledger, (rent, "5.00"), (bank, "-5.00"), maker=maker)
    other = Form(site, site.window(Role.ACCOUNTANT, language="zh-hans"), ledger)
    form.open(entry)
    other.open(entry)
    other.fill(("6602.08", "7.00", ""), ("1002", "", "7.00"))
    other.send("save")
    expect(other.page.locator("[role=status]").first).to_be_visible()
    form.page.locator("#id_summary").fill("Mine")
    form.send("save")

    expect(form.page.locator("h1")).to_have_text("Somebody else saved this draft first")
    for line in (1, 2):
        form.page.locator(f"[name=pick_line_{line}][value=theirs]").check()
    press_button(form.page, "Save my choice")
    expect(form.page.locator("#id_summary")).to_have_value("Mine")
    expect(form.cell(1, "debit")).to_have_value("7.00")
    site.forgive(409)


def test_filters_are_kept_as_a_view_and_exported(site: Site, ledger: Ledger) -> None:
    rent_of(site, ledger)
    page = site.window(Role.ACCOUNTANT)
    site.visit(page, url("ledgers:journal_entry_list", ledger.code) + "?state=submitted")
    page.locator("summary", has_text="Saved views").click()
    page.get_by_label("Save these filters as").fill("Waiting")
    page.get_by_role("button", name="Save view").click()
    site.visit(page, url("ledgers:journal_entry_list", ledger.code))
    page.locator("summary", has_text="Saved views").click()
    page.get_by_role("link", name="Waiting").click()
    expect(page.locator("[data-row]")).to_have_count(1)
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV, all lines").click()

    rows = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 3
    assert "1600.00" in rows[1]


def test_a_draft_is_saved_while_it_is_written(form: Form, ledger: Ledger) -> None:
    form.open_new()
    form.wait()
    form.page.locator("#id_entry_date").fill("2026-01-15")
    form.cell(1, "summary").focus()
    form.type("Half an entry", "<Enter>", "1002", "<Enter>", "<Enter>", "12.5")

    expect(form.page.locator("[data-saved]")).to_contain_text("Draft saved")
    entry = only_entry(ledger)
    form.page.reload()
    assert form.page.url.endswith(url("ledgers:journal_entry_edit", ledger.code, entry.pk))
    expect(form.cell(1, "debit")).to_have_value("12.50")


def test_a_person_signs_in_and_out(site: Site) -> None:
    user = make_user(site.world.home, Role.ACCOUNTANT, username="zhou.jie")
    page = site.window(None)
    site.visit(page, "/sign-in/")
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    expect(page.locator("h1")).to_contain_text("My work")
    page.locator("summary", has_text="Account menu").press("Enter")
    press_button(page, "Sign out")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

    site.visit(page, "/")
    assert page.url.endswith("/sign-in/?next=/")
