"""Every control of every page is reached by Tab alone, and shows that it has the focus."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from apps.organizations.permissions import Role
from tests.browser.pages import Visit, all_pages
from tests.browser.site import Site

pytestmark = pytest.mark.django_db
PAGES = [pytest.param(visit, id=str(visit)) for visit in all_pages()]
# Controls that a person sees and that Tab must reach. Of a group of radio buttons Tab reaches
# the chosen one; what is in a closed menu comes when the menu is opened.
CONTROLS = """() => {
    window.nameOf = ({ tagName, name, href, textContent }) =>
        [tagName, name, href, textContent.trim().slice(0, 40)].join(" ");
    const all = "a[href], button, input, select, textarea, summary, [tabindex]";
    const isReachable = (at) => at.tabIndex >= 0 && !at.disabled && at.checkVisibility({
        visibilityProperty: true, contentVisibilityAuto: false,
    }) && !(at.type === "radio" && !at.checked);
    window.controls = [...document.querySelectorAll(all)].filter(isReachable);
    window.reached = new Set();
    window.unclear = [];
    document.addEventListener("focusin", ({ target }) => {
        window.reached.add(target);
        const { outlineStyle, outlineWidth } = getComputedStyle(target);
        const box = target.getBoundingClientRect();
        const isInView = box.bottom > 0 && box.top < innerHeight;
        if (outlineStyle === "none" || parseFloat(outlineWidth) < 2 || !isInView) {
            window.unclear.push(window.nameOf(target));
        }
    });
    document.activeElement?.blur();
    // A date or a time has parts that Tab walks through one by one.
    const parts = document.querySelectorAll("[type=date], [type=time]").length * 4;
    return window.controls.length + parts;
}"""
MISSED = """() => window.controls
    .filter((control) => !window.reached.has(control))
    .map(window.nameOf)"""


def visit_and_let_settle(site: Site, page: Page, path: str) -> None:
    """Wait for the parts that come by themselves: what is beside a list, sums, cards."""
    site.visit(page, path)
    page.wait_for_load_state("networkidle")


def walk(page: Page) -> None:
    """Press Tab from the top of the page through every control."""
    count = page.evaluate(CONTROLS)
    for _press in range(count + 1):
        page.keyboard.press("Tab")


@pytest.mark.parametrize("visit", PAGES)
def test_tab_reaches_every_control_and_shows_where_it_is(site: Site, visit: Visit) -> None:
    page = site.window(visit.who)
    visit_and_let_settle(site, page, visit.path(site.world))

    walk(page)

    assert page.evaluate(MISSED) == []
    assert page.evaluate("window.unclear") == []


def test_a_menu_opens_by_key_and_gives_the_focus_back(site: Site) -> None:
    page = site.window(Role.SENIOR_ACCOUNTANT)
    visit_and_let_settle(site, page, "/")
    menu = page.locator("summary", has_text="Account menu")

    menu.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    walk(page)
    assert page.evaluate(MISSED) == []
    page.get_by_role("button", name="Sign out").press("Escape")

    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(menu).to_be_focused()


def test_single_keys_open_help_and_lead_on(site: Site) -> None:
    page = site.window(Role.ACCOUNTANT)
    site.visit(page, "/")

    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("t")

    expect(page.get_by_role("heading", level=1)).to_contain_text("Trial balance")


def test_single_keys_can_be_switched_off(site: Site) -> None:
    page = site.window(site.world.members[Role.TREASURY])
    site.visit(page, "/")
    page.locator("summary", has_text="Account menu").press("Enter")
    page.get_by_role("button", name="Switch single-key shortcuts off").press("Enter")
    expect(page.locator("body")).to_have_attribute("data-single-keys", "off")

    page.keyboard.press("?")
    page.keyboard.press("g")
    page.keyboard.press("j")

    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_contain_text("My work")


def test_single_keys_rest_while_an_input_method_composes(site: Site) -> None:
    page = site.window(Role.ACCOUNTANT)
    site.visit(page, "/")

    page.evaluate(
        """() => document.body.dispatchEvent(new KeyboardEvent(
            "keydown", {key: "?", isComposing: true, bubbles: true}))"""
    )

    expect(page.get_by_role("dialog")).to_be_hidden()
