"""Working the inbox by keys alone: read, approve, reject, ask, decide many at once, undo."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from apps.approvals.models import ApprovalRequest
from apps.approvals.words import DecisionKind, RequestState
from apps.organizations.permissions import Role
from tests.approvals.rounds import ask, ask_for, make_entry, make_flow
from tests.browser.site import PHONE, Site
from tests.browser.steps import url
from tests.factories import make_ledger, make_user

if TYPE_CHECKING:
    from apps.organizations.models import User

pytestmark = pytest.mark.django_db
AMOUNTS = ("1000.00", "2000.00", "3000.00", "4000.00")


@pytest.fixture
def asked() -> tuple[User, list[ApprovalRequest]]:
    """Return an approver and the requests that wait for them, the first one longest."""
    ledger = make_ledger()
    approver = make_user(ledger.organization, Role.APPROVER)
    make_flow(ledger.organization, ask(approver))
    return approver, [ask_for(make_entry(ledger, amount)) for amount in AMOUNTS]


def state_of(request: ApprovalRequest) -> str:
    """Return the state that the request is in by now."""
    return ApprovalRequest.objects.get(pk=request.pk).state


def reading(page: Page, request: ApprovalRequest) -> None:
    """Wait until a request is shown beside the list."""
    expect(page.locator(f"[data-detail] [data-request='{request.pk}']")).to_be_visible()


def write(page: Page, text: str) -> None:
    """Write into the field that has the focus, and send it by its button."""
    expect(page.locator("textarea:focus")).to_be_visible()
    page.keyboard.type(text)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def test_requests_are_read_and_answered_by_single_keys(
    site: Site, asked: tuple[User, list[ApprovalRequest]]
) -> None:
    approver, (first, second, third, _) = asked
    page = site.window(approver)
    site.visit(page, url("approvals:approval_list"))
    reading(page, first)
    page.keyboard.press("j")
    reading(page, second)
    page.keyboard.press("k")
    reading(page, first)

    page.keyboard.press("a")
    reading(page, second)
    assert state_of(first) == RequestState.APPROVED

    page.keyboard.press("q")
    write(page, "Which offer is it?")
    expect(page.locator("[data-detail]").get_by_text("Which offer is it?")).to_be_visible()
    assert second.decisions.filter(kind=DecisionKind.ASK).count() == 1

    page.keyboard.press("r")
    write(page, "The receipt is missing")
    reading(page, third)
    assert state_of(second) == RequestState.REJECTED

    page.keyboard.press("d")
    expect(page).to_have_url(f"{site.server.url}{delegating(third)}")


def delegating(request: ApprovalRequest) -> str:
    """Return the address at which the task of a request is handed over."""
    address = url("approvals:approval_delegate", request.pk)
    return f"{address}?task={request.tasks.get().pk}"


def test_many_are_decided_by_one_press_and_taken_back(
    site: Site, asked: tuple[User, list[ApprovalRequest]]
) -> None:
    approver, requests = asked
    page = site.window(approver)
    site.visit(page, url("approvals:approval_list"))
    reading(page, requests[0])
    for key in "xjxj":
        page.keyboard.press(key)
    bulk = page.get_by_role("form", name="Chosen requests")
    expect(bulk.get_by_role("status")).to_have_text("2 chosen")
    expect(bulk.locator("[data-totals]")).to_contain_text("3,000.00")

    bulk.get_by_role("button", name="Approve", exact=True).press("Enter")
    expect(page.get_by_role("heading", name=re.compile(r"in [67] seconds"))).to_be_visible()
    page.get_by_role("button", name="Undo").press("Enter")

    expect(page.get_by_role("status").filter(has_text="Undone")).to_be_visible()
    assert {state_of(one) for one in requests} == {RequestState.OPEN}


def test_a_phone_reads_a_request_on_a_page_of_its_own(
    site: Site, asked: tuple[User, list[ApprovalRequest]]
) -> None:
    approver, (first, *_) = asked
    page = site.window(approver, width=PHONE, language="zh-hans")
    site.visit(page, url("approvals:approval_list"))
    page.locator("[data-row]").first.press("Enter")
    expect(page.locator(f"[data-request='{first.pk}']")).to_be_visible()

    page.locator("[data-key='a']").press("Enter")

    expect(page.locator("[data-row]")).to_have_count(len(AMOUNTS) - 1)
    assert state_of(first) == RequestState.APPROVED
