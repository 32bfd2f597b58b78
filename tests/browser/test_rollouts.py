"""Rolling a flow out in the browser: by slider, by keyboard, on a phone, without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from apps.organizations.permissions import Role
from apps.rollout.models import Flag
from tests.browser.site import PHONE, Site
from tests.browser.steps import url
from tests.rollout.flags import make_departments

pytestmark = pytest.mark.django_db
ALL_MOVE = "From 0 % to 100 %"


@pytest.fixture
def flag(site: Site) -> Flag:
    """Return the flag of the home organization, with departments of its own, at 0 %."""
    flag = site.world.home.flags.get()
    if flag.organization.departments.count() < 10:
        make_departments(flag.organization, 12)
    return flag.update_versioned(
        actor=site.world.members[Role.ADMIN],
        reason="begin anew",
        expected_version=flag.version,
        percent=0,
        is_killed=False,
        change_reason="begin anew",
    )


def opened(site: Site, flag: Flag, *, script: bool = True, width: int = PHONE) -> Page:
    """Return the page of the flag in an administrator's window."""
    page = site.window(Role.ADMIN, script=script, width=width)
    site.visit(page, url("rollout:flag_detail", flag.name))
    return page


def test_the_slider_tells_who_would_move_before_anything_is_saved(
    site: Site, flag: Flag
) -> None:
    page = opened(site, flag, width=1440)
    page.get_by_role("slider").focus()
    page.keyboard.press("End")

    expect(page.locator("#id_percent")).to_have_value("100")
    expect(page.get_by_role("status").filter(has_text=ALL_MOVE)).to_contain_text("Unit 1")
    page.locator("#id_percent").fill("0")
    expect(page.locator("#rehearsal")).to_contain_text("Nobody moves.")
    page.locator("#id_percent").fill("many")
    expect(page.locator("#rehearsal")).to_contain_text("Enter a number.")
    site.forgive(422)

    flag.refresh_from_db()
    assert flag.percent == 0


def test_a_slider_that_was_moved_before_its_script_came_is_followed(
    site: Site, flag: Flag
) -> None:
    held: list[Route] = []
    page = site.window(Role.ADMIN)
    page.route("**/rollout*.js", lambda route: held.append(route))  # noqa: PLW0108  (playwright marks it)
    with page.expect_request("**/rollout*.js"):
        site.visit(page, url("rollout:flag_detail", flag.name))
    page.get_by_role("slider").evaluate("slider => { slider.value = 100; }")
    held[0].continue_()

    expect(page.locator("#id_percent")).to_have_value("100")


@pytest.mark.parametrize("script", [True, False])
def test_a_share_is_previewed_applied_and_stopped_on_a_phone(
    site: Site, flag: Flag, *, script: bool
) -> None:
    page = opened(site, flag, script=script)
    page.locator("#id_percent").fill("100")
    page.get_by_label("Reason").fill("Went well")
    page.get_by_role("button", name="Preview and apply").press("Enter")
    expect(page.locator("h1")).to_have_text("Change the share from 0 % to 100 %")
    expect(page.get_by_role("listitem").filter(has_text="Unit 12")).to_be_visible()
    page.get_by_role("button", name="Apply").press("Enter")
    expect(page.locator("h1")).to_contain_text("everybody has it")

    page.get_by_role("link", name="Stop rollout…").press("Enter")
    page.get_by_label("Reason").fill("Wrong limits")
    page.get_by_role("button", name="Stop the rollout").press("Enter")

    expect(page.locator("h1")).to_contain_text("stopped")
    expect(page.get_by_text("Wrong limits")).to_be_visible()


def test_a_department_is_pinned_from_its_row(site: Site, flag: Flag) -> None:
    page = opened(site, flag)
    page.get_by_role("link", name="Follow bucket: Unit 7").press("Enter")
    page.get_by_label("Always v2").check()
    page.get_by_label("Reason").fill("Tries it first")
    page.get_by_role("button", name="Save").press("Enter")

    row = page.get_by_role("row").filter(has_text="Unit 7")
    expect(row.get_by_role("link", name="Always v2: Unit 7")).to_be_visible()
    expect(row).to_contain_text("v2")
