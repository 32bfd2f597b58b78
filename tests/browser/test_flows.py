"""Writing a flow in the browser: with and without a script, rehearsed and activated."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from apps.organizations.permissions import Role
from tests.browser.site import PHONE, WIDE, Site
from tests.browser.steps import url

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("script", "width"), [(True, WIDE), (False, PHONE)])
def test_a_flow_is_written_rehearsed_and_activated(
    site: Site, *, script: bool, width: int
) -> None:
    department = site.world.home.departments.order_by("pk")[0]
    page = site.window(Role.ADMIN, script=script, width=width)
    site.visit(page, url("approvals:flow_create"))
    page.get_by_label("Department").select_option(str(department.pk))
    page.get_by_label("Name").fill("First look")
    page.get_by_role("button", name="Add a step").press("Enter")
    second = page.get_by_role("group", name="Step 2")
    second.get_by_label("Name").fill("Two more")
    second.get_by_label("Role", exact=True).select_option("approver")
    second.get_by_role("button", name="Remove step 2").press("Enter")
    expect(page.get_by_role("group", name="Step 2")).to_have_count(0)
    expect(page.get_by_label("Name")).to_have_value("First look")
    page.get_by_role("button", name="Save draft").press("Enter")
    expect(page.get_by_text("This is a draft")).to_be_visible()

    page.get_by_label("Amount").fill("100")
    page.get_by_label("Made by").select_option(str(site.world.members[Role.ACCOUNTANT].pk))
    page.get_by_label("Ledger").select_option(index=1)
    page.get_by_role("button", name="Rehearse").press("Enter")
    expect(page.get_by_role("status").filter(has_text="First look")).to_be_visible()

    page.get_by_role("link", name="Activate…").press("Enter")
    page.get_by_role("button", name="Activate").press("Enter")
    expect(page.locator("h1")).to_contain_text("active")
