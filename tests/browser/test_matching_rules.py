"""Matching rules are written in the browser, tried, saved and activated by another person."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from apps.jobs.models import Job
from apps.jobs.services.running import run_job
from apps.organizations.models import User
from apps.reconciliation.models import RuleSetVersion
from apps.statements.models import Channel
from tests.browser.site import PHONE, WIDE, Site
from tests.browser.steps import press_button, url
from tests.factories import make_senior
from tests.reconciliation.world import DAYS, make_books, run_now
from tests.statements.world import make_line, make_statement, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Channel:
    """Return a channel with a pair that only a tolerance matches; no worker is called."""
    monkeypatch.setattr("apps.jobs.services.starting.ring", lambda _: None)
    channel = make_books(("B", "20.00"))
    make_statement(channel, read(make_line("20.30", "B"), **DAYS))
    run_now(channel)
    return channel


# Press the next button as soon as it is there, before the browser draws it.
AT_ONCE = """() => {
  const passes = new MutationObserver(() => {
    const next = document.querySelector('button[value="up-1"]');
    if (document.querySelectorAll("legend")[1].textContent.includes("reversal")) {
      passes.disconnect();
      next.click();
    }
  });
  passes.observe(document.getElementById("passes").parentElement, {childList: true});
}"""


def opened(site: Site, who: User, channel: Channel, *, script: bool, width: int) -> Page:
    """Return the editor, come to from the rules of the channel."""
    page = site.window(who, script=script, width=width)
    site.visit(page, url("reconciliation:rule_list", channel.code))
    page.get_by_role("link", name="Change the rules").click()
    expect(page.locator("fieldset")).to_have_count(10)
    return page


def legends(page: Page) -> list[str]:
    """Return what the passes are called, in order."""
    return [text.split(maxsplit=1)[1] for text in page.locator("legend").all_inner_texts()]


@pytest.mark.parametrize(("script", "width"), [(True, WIDE), (False, PHONE)])
def test_rules_are_written_tried_saved_and_activated(
    site: Site, channel: Channel, *, script: bool, width: int
) -> None:
    author, other = make_senior(channel.ledger), make_senior(channel.ledger)
    page = opened(site, author, channel, script=script, width=width)
    press_button(page, "Remove pass 6")
    expect(page.locator("fieldset")).to_have_count(9)
    page.get_by_label("Reason").fill("手续费已单独记账")
    press_button(page, "Try these rules")
    expect(page.locator("h1")).to_contain_text("waiting")
    run_job(Job.objects.get(parameters__trial=channel.rule_trials.get().pk).pk)
    page.reload()

    expect(page.get_by_role("row", name="amounts differ").first).to_contain_text("+1")
    press_button(page, "Save as a draft")
    expect(page.get_by_role("note")).to_contain_text("another person")
    expect(page.get_by_role("button", name="Activate")).to_have_count(0)
    draft = RuleSetVersion.objects.get(rule_set__channel=channel, state="draft")

    second = site.window(other, script=script, width=width)
    site.visit(second, draft.get_absolute_url())
    press_button(second, "Activate")
    expect(second.locator("h1")).to_contain_text("active")


def test_passes_move_by_keyboard_and_the_focus_goes_with_them(
    site: Site, channel: Channel
) -> None:
    page = opened(site, make_senior(channel.ledger), channel, script=True, width=WIDE)
    third = legends(page)[2]
    page.get_by_label("Reason").fill("kept while passes move")

    press_button(page, "Up pass 3")
    expect(page.get_by_role("button", name="Up pass 2")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("legend").first).to_contain_text(third)
    expect(page.get_by_label("Reason")).to_have_value("kept while passes move")


def test_a_pass_goes_up_twice_however_soon_the_key_is_pressed_again(
    site: Site, channel: Channel
) -> None:
    page = opened(site, make_senior(channel.ledger), channel, script=True, width=WIDE)
    third = legends(page)[2]
    page.evaluate(AT_ONCE)

    press_button(page, "Up pass 3")

    expect(page.locator("legend").first).to_contain_text(third)


def test_an_error_stands_at_its_field_in_the_language_of_the_reader(
    site: Site, channel: Channel
) -> None:
    page = site.window(make_senior(channel.ledger), language="zh-hans")
    site.visit(page, url("reconciliation:rule_create", channel.code))
    page.locator("#id_form-5-absolute").fill("")
    page.get_by_label("原因").fill("试试")

    press_button(page, "试算这套规则")

    expect(page.locator("#id_form-5-absolute_error")).to_have_text(
        "请填写金额、百分比，或两者都填。"
    )
    expect(page.locator("#id_form-5-absolute")).to_have_attribute("aria-invalid", "true")
    site.forgive(422)
