"""A refusal or a failure is a page of ours, in words, with its trace id."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from apps.organizations.permissions import Role
from apps.portal import work
from tests.browser.site import Site
from tests.browser.test_accessibility import LANGUAGES, barriers

pytestmark = pytest.mark.django_db
REFUSALS = [
    (400, "/?q=%00", "This request cannot be understood"),
    (403, "/people/", "You may not do this"),
    (404, "/no-such-page/", "There is no such page"),
]


@pytest.fixture
def page(site: Site) -> Page:
    return site.window(Role.ACCOUNTANT)


@pytest.mark.parametrize(("status", "path", "heading"), REFUSALS)
def test_a_refusal_says_what_happened(
    site: Site, page: Page, status: int, path: str, heading: str
) -> None:
    response = site.visit(page, path, status=status)

    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.locator("footer")).to_contain_text(response.headers["x-trace-id"])
    expect(page.get_by_role("link", name="Go to my work")).to_have_attribute("href", "/")


@pytest.mark.parametrize(("status", "path", "heading"), REFUSALS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_has_no_barrier(
    site: Site, language: str, status: int, path: str, heading: str
) -> None:
    page = site.window(Role.ACCOUNTANT, language=language)
    site.visit(page, path, status=status)

    assert barriers(page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_failure_says_so_and_shows_nothing_of_its_cause(
    site: Site, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> Iterator[object]:
        raise RuntimeError("a secret of the server")

    monkeypatch.setattr(work, "drafts_of", fail)
    page = site.window(Role.ACCOUNTANT, language=language)
    response = site.visit(page, "/", status=500)

    expect(page.locator("footer")).to_contain_text(response.headers["x-trace-id"])
    expect(page.locator("body")).not_to_contain_text("secret")
    assert barriers(page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_too_many_wrong_passwords_are_answered_by_a_page(site: Site, language: str) -> None:
    page = site.window(None, language=language)
    site.visit(page, "/sign-in/")
    for _attempt in range(11):
        page.locator("[name=username]").fill(f"nobody-{language}")
        page.locator("[name=password]").fill("wrong")
        page.locator("[name=password]").press("Enter")
        page.wait_for_load_state()
        if page.locator("[name=username]").count() == 0:
            break

    expect(page.locator(".fm-error-code")).to_have_text("429")
    assert barriers(page) == []
    site.problems.clear()
