"""Tags and filters of every page."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.translation import override

from apps.core.charts import bar_chart
from apps.core.templatetags import finance

ICON_USE = re.compile(r'{% icon "([a-z0-9-]+)" %}|icon_name="([a-z0-9-]+)"')


def _render(source: str, query: str = "", **values: object) -> str:
    request = RequestFactory().get(f"/?{query}")
    template = Template("{% load finance %}" + source)
    return template.render(Context({"request": request, **values}))


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("1234567.8900", "CNY", "1,234,567.89"),
        ("1234", "JPY", "1,234"),
        ("1.5", "KWD", "1.500"),
        ("0", "CNY", "0.00"),
        ("1.2345", "CNY", "1.2345"),
        ("1.2500", "CNY", "1.25"),
        ("9007199254740993.01", "CNY", "9,007,199,254,740,993.01"),
    ],
)
def test_money_shows_the_decimals_of_its_currency(
    amount: str, currency: str, shown: str
) -> None:
    assert finance.money(Decimal(amount), currency) == shown


def test_money_below_zero_stands_in_parentheses_and_red() -> None:
    shown = finance.money(Decimal("-3200.5"), "CNY")

    assert shown == '<span class="fm-neg">(3,200.50)</span>'


def test_money_of_nothing_is_nothing() -> None:
    assert finance.money(None, "CNY") == ""
    assert finance.money_blank(Decimal(0), "CNY") == ""
    assert finance.money_blank(Decimal("0.01"), 2) == "0.01"


def test_an_icon_is_decorative_and_has_no_style() -> None:
    svg = finance.icon("tags")

    assert svg.startswith('<svg class="icon"')
    assert 'aria-hidden="true"' in svg
    assert "style=" not in svg
    assert 'fill="currentColor"' in svg


def test_every_icon_that_a_template_names_exists() -> None:
    names = {
        first or second
        for folder in ("templates", "apps")
        for path in Path(settings.BASE_DIR, folder).rglob("*.html")
        for first, second in ICON_USE.findall(path.read_text())
    }

    assert all(finance.icon(name) for name in names)


def test_every_state_has_an_icon() -> None:
    assert all(finance.icon(name) for _tone, name in finance.STATES.values())


def test_query_replace_keeps_the_other_filters() -> None:
    link = _render("{% query_replace page=3 %}", "word=记&page=2")

    assert link == "?word=%E8%AE%B0&amp;page=3"


def test_query_replace_removes_a_key() -> None:
    assert _render("{% query_replace page=None %}", "page=2") == "?"


def test_hidden_query_carries_filters_but_not_the_page() -> None:
    html = _render('{% hidden_query "page" %}', "q=%22%3Cb%3E&page=2")

    assert 'name="q" value="&quot;&lt;b&gt;"' in html
    assert 'name="page"' not in html


@pytest.mark.parametrize(
    ("query", "direction", "target"),
    [
        ("", None, "?sort=date"),
        ("sort=date", "ascending", "?sort=-date"),
        ("sort=-date&page=4", "descending", "?sort=date"),
    ],
)
def test_a_sort_header_turns_round(query: str, direction: str | None, target: str) -> None:
    html = _render('{% sort_header "date" "Date" %}', query)

    assert f'href="{target}"' in html
    assert ("aria-sort" in html) == (direction is not None)
    assert f'aria-sort="{direction}"' in html or direction is None


def test_a_pager_keeps_filters_and_marks_the_page() -> None:
    page = Paginator(range(4118), 50).page(3)

    html = _render("{% pager page %}", "q=x&page=3", page=page)

    assert "101–150 of 4,118" in html
    assert 'href="?q=x&amp;page=4"' in html
    assert html.count('aria-current="page"') == 1


def test_a_status_badge_has_icon_and_word() -> None:
    html = _render('{% status_badge "posted" "Posted" %}')

    assert "fm-tone-ok" in html
    assert "<svg" in html
    assert "Posted" in html


def test_an_unknown_state_still_shows() -> None:
    assert "odd" in _render('{% status_badge "odd" %}')


@pytest.mark.parametrize(
    ("errors", "shown"), [(None, ""), ("one", "one"), (["first", "second"], "first")]
)
def test_first_error(errors: object, shown: str) -> None:
    assert finance.first_error(errors) == shown  # type: ignore[arg-type]


def test_bars_fit_the_picture_and_carry_exact_titles() -> None:
    chart = bar_chart(
        [("Jun", Decimal(980), Decimal("870.50")), ("Jul", Decimal(0), Decimal(5))]
    )

    assert chart.grid[-1].label == "1,000"
    assert all(bar.y + bar.height == 168 for bar in chart.bars)
    assert chart.bars[1].title == "Jun: 870.50"


def test_a_chart_of_nothing_is_drawn() -> None:
    assert bar_chart([]).bars == ()


@pytest.mark.parametrize(
    ("change", "shown"),
    [("0.70", "+0.70\u00a0pp"), ("-1.2", "\u22121.20\u00a0pp"), ("0", "0.00\u00a0pp")],
)
def test_a_change_of_a_percentage_is_told_in_points(change: str, shown: str) -> None:
    assert finance.signed_points(Decimal(change)) == shown


def test_points_have_a_chinese_name() -> None:
    with override("zh-hans"):
        assert finance.signed_points(Decimal("0.7")) == "+0.70\u00a0个百分点"
