"""A row is split in the browser by keyboard alone, with and without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from apps.reconciliation.models import Break, RowSplit
from tests.browser.site import PHONE, WIDE, Site
from tests.browser.steps import press_button
from tests.reconciliation.test_break_splitting import make_open

pytestmark = pytest.mark.django_db


def opened(site: Site, *, script: bool, width: int = WIDE) -> tuple[Page, Break]:
    """Return the form, come to from the break's page by keyboard; the row is over 100.00."""
    channel, user = make_open()
    whole = Break.objects.get(channel=channel)
    page = site.window(user, script=script, width=width)
    site.visit(page, whole.get_absolute_url())
    page.get_by_role("link", name="Split…").press("Enter")
    expect(page.locator("fieldset")).to_have_count(3)
    return page, whole


@pytest.mark.parametrize(("script", "width"), [(True, WIDE), (False, PHONE)])
def test_a_row_is_split_and_put_back_by_keyboard(
    site: Site, *, script: bool, width: int
) -> None:
    page, whole = opened(site, script=script, width=width)
    status = page.get_by_role("status").filter(has_text="left")

    page.get_by_label("Amount").nth(0).focus()
    page.keyboard.type("60.00")
    page.keyboard.press("Tab")
    page.keyboard.type("booked")
    if script:
        expect(status).to_contain_text("40.00 CNY is left")
    press_button(page, "The rest into part 2")
    expect(page.get_by_label("Amount").nth(1)).to_have_value("40.00")
    expect(page.locator("[data-difference]")).to_contain_text("add up")
    page.get_by_label("Reason").press("Enter")

    expect(page.get_by_role("row", name="Part 2")).to_contain_text("40.00")
    assert RowSplit.objects.get(channel=whole.channel).parts.get(position=1).note == "booked"
    page.locator("summary", has_text="Undo the split").press("Enter")
    page.get_by_label("Reason").fill("one transfer")
    press_button(page, "Undo the split")
    expect(page.get_by_role("link", name="Split…")).to_be_visible()
    assert whole.channel.breaks.exclude(state="resolved").get() == whole


def test_enter_in_a_part_sends_the_form_and_tells_what_is_left(site: Site) -> None:
    page, _whole = opened(site, script=True)
    page.get_by_label("Amount").nth(0).fill("60.00")
    page.get_by_label("Amount").nth(1).fill("39.00")

    page.get_by_label("Amount").nth(1).press("Enter")

    expect(page.get_by_role("alert")).to_contain_text("1.00 is left")
    expect(page.get_by_label("Amount").nth(1)).to_have_value("39.00")
    site.forgive(422)
