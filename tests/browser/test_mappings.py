"""The editor of a mapping on a narrow and a wide screen, in both languages, by keyboard."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.organizations.permissions import Role
from apps.statements.models import FormatMapping
from tests.browser.site import PHONE, WIDE, Site

pytestmark = pytest.mark.django_db
DAYS = range(1, 13)
LONG = "Überweisung-mit-sehr-langem-Verwendungszweck-ohne-jede-Leerstelle-" * 2
ROWS = "".join(f"2026-01-{day:02},INV-{day},Alpha Ltd,{LONG},{day}.50\n" for day in DAYS)
FILE = f"交易日期,商户订单号,对方户名,摘要,交易金额\n{ROWS}"


@pytest.mark.parametrize("width", [PHONE, WIDE])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_mapping_is_made_without_scrolling_the_page_sideways(
    site: Site, width: int, language: str
) -> None:
    page = site.window(Role.SENIOR_ACCOUNTANT, language=language, width=width)
    site.visit(page, reverse("statements:mapping_create"))
    page.set_input_files("input[type=file]", {
        "name": "bank.csv", "mimeType": "text/csv", "buffer": FILE.encode(),
    })  # fmt: skip
    page.locator("input[type=file]").press("Tab")
    page.keyboard.press("Enter")
    page.locator("#trial-title").wait_for()

    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")

    assert overflow <= 0
    assert page.locator("tbody tr:visible").count() == 8
    page.locator("#trial-title").locator("xpath=../..").locator("summary").press("Enter")
    assert page.locator("tbody tr:visible").count() == 12
    name = f"Bank {language} {width}"
    page.fill("input[name=name]", name)
    page.locator("button[value=save]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{reverse('statements:mapping_list')}")
    assert FormatMapping.objects.get(name=name).rules["columns"]["amount"] == "交易金额"
