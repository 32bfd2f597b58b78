"""axe finds nothing on any page, in both themes and languages, wide and on a phone."""

from __future__ import annotations

from collections.abc import Collection
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.pages import Visit, all_pages
from tests.browser.site import HEIGHTS, PHONE, WIDE, Site

pytestmark = pytest.mark.django_db
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {
    "resultTypes": ["violations"],
    "preload": False,
    "runOnly": {"type": "tag", "values": TAGS},
}
EVERYWHERE = set(product(("light", "dark"), (WIDE, PHONE)))
# Colours do not depend on the language, nor words on colours: each theme and width is looked at
# in one of the languages. What is too wide shows in all.
LANGUAGES = {
    "en": {("light", WIDE), ("dark", PHONE)},
    "zh-hans": {("dark", WIDE), ("light", PHONE)},
}
PAGES = [pytest.param(visit, id=str(visit)) for visit in all_pages()]


@pytest.mark.parametrize("visit", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_has_no_barrier(site: Site, visit: Visit, language: str) -> None:
    page = site.window(visit.who, language=language)
    path = visit.path(site.world)
    response = site.visit(page, path)

    assert response.headers["content-type"].startswith("text/html")
    assert page.url == f"{site.server.url}{path}"
    assert barriers(page, LANGUAGES[language]) == []


def barriers(page: Page, looks: Collection[tuple[str, int]] = EVERYWHERE) -> list[str]:
    """Return what axe finds in some themes and widths, and what is wider than the window."""
    page.evaluate(Axe().axe_script)
    found = []
    for theme, width in sorted(EVERYWHERE):
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
        if (theme, width) in looks:
            violations = page.evaluate("options => axe.run(options)", OPTIONS)["violations"]
            found += [
                f"{theme} {width}: {violation['id']} {node['target']} {node['failureSummary']}"
                for violation in violations
                for node in violation["nodes"]
            ]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{theme} {width}: the page is wider than the window")
    return found
