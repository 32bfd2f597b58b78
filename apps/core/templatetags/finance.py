"""Tags and filters of every page: amounts, icons, links that keep their filters, badges.

{{ line.debit|money:ledger.base_currency_id }}      (1,234.50), red when negative
{{ line.debit|money_blank:"CNY" }}                  nothing for zero
{% balance_cells row.figures.columns 'CNY' href %}     six cells of a trial balance
{{ found.rate|rate }}                                 7.1012
{{ row.change|signed_percent }}                     +1.23 %
{{ row.change|signed_points }}                      +1.23 pp
{{ page.paginator.count|thousands }}                4,118
{% icon "printer" %}                                inline SVG, decorative
{% query_replace page=3 %}                          ?word=记&page=3
{% sort_header "entry_date" label %}                a <th> that sorts
{% status_badge entry.state entry.get_state_display %}
{% form_field form.name %}                          label, control, help, errors
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache
from html import escape
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BoundField, CheckboxInput, Select
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from lucide.templatetags.lucide import lucide

from apps.core.formatting import format_amount, format_rate
from apps.core.money import minor_digits
from apps.core.paging import UncountedPage
from apps.core.trace import current_trace_id

register = template.Library()

_BETWEEN_TAGS = re.compile(r">\s+<")
_DEFAULT_DIGITS = 2
_MOVEMENT = (2, 3)
_ICON_HEAD = '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'

# State, whatever thing has it -> (tone, icon). Words come from the model's own choices.
STATES: dict[str, tuple[str, str]] = {
    "draft": ("", "pencil"),
    "submitted": ("info", "send"),
    "approved": ("ok", "user-check"),
    "posted": ("ok", "lock"),
    "rejected": ("bad", "undo-2"),
    "waiting": ("info", "hourglass"),
    "confirming": ("info", "refresh-cw"),
    "confirmed": ("ok", "user-check"),
    "reading": ("info", "refresh-cw"),
    "cancelled": ("", "ban"),
    "reversed": ("warn", "undo-2"),
    "undone": ("warn", "undo-2"),
    "returned": ("warn", "undo-2"),
    "future": ("", "hourglass"),
    "open": ("ok", "lock-open"),
    "closing": ("warn", "hourglass"),
    "closed": ("", "lock"),
    "locked": ("", "lock-keyhole"),
    "active": ("ok", "circle-check"),
    "inactive": ("", "ban"),
    "uploaded": ("", "file-up"),
    "mapped": ("info", "list-checks"),
    "checking": ("info", "refresh-cw"),
    "faulty": ("bad", "circle-x"),
    "ready": ("ok", "circle-check"),
    "imported": ("ok", "circle-check"),
    "discarded": ("", "ban"),
    "importing": ("info", "refresh-cw"),
    "queued": ("info", "hourglass"),
    "running": ("info", "refresh-cw"),
    "succeeded": ("ok", "circle-check"),
    "delivered": ("ok", "circle-check"),
    "retrying": ("info", "refresh-cw"),
    "dead": ("bad", "circle-x"),
    "quarantined": ("bad", "shield-alert"),
    "done": ("ok", "circle-check"),
    "failed": ("bad", "circle-x"),
    "proposed": ("info", "hourglass"),
    "superseded": ("", "history"),
    "invalid": ("bad", "circle-x"),
    "live": ("ok", "radio"),
    "stopped": ("bad", "octagon-x"),
    "halted": ("warn", "circle-pause"),
    "complete": ("ok", "circle-check"),
    "planned": ("", "calendar-days"),
    "approve": ("ok", "user-check"),
    "reject": ("bad", "undo-2"),
    "withdrawn": ("", "undo-2"),
    "void": ("warn", "history"),
    "retired": ("", "history"),
    "dropped": ("", "ban"),
    "over": ("", "history"),
    "revoked": ("", "ban"),
    "assigned": ("info", "user-check"),
    "disputed": ("warn", "message-square-warning"),
    "resolved": ("ok", "circle-check"),
    "created": ("info", "hourglass"),
    "loading": ("info", "refresh-cw"),
    "matching": ("info", "refresh-cw"),
    "review": ("warn", "user-check"),
    "signed_off": ("ok", "signature"),
}


@register.filter
def money(amount: Decimal | None, currency: str | int = _DEFAULT_DIGITS) -> str:
    """Show an amount with its currency's decimals; negative in parentheses and red.

    `currency` is an ISO code, or the number of minor digits when the page knows it.
    """
    if amount in {None, ""}:
        return ""
    amount = Decimal(amount)
    digits = currency if isinstance(currency, int) else minor_digits(str(currency))
    text = format_amount(amount, digits)
    if amount < 0:
        return format_html('<span class="fm-neg">({})</span>', text)
    return text


@register.filter
def money_blank(amount: Decimal | None, currency: str | int = _DEFAULT_DIGITS) -> str:
    """Show an amount as `money` does, and nothing for zero."""
    return money(amount, currency) if amount else ""


@register.simple_tag
def balance_cells(
    amounts: Sequence[Decimal], currency: str | int, href: str = ""
) -> SafeString:
    """Draw the six cells of a balance: opening, movement, closing, each debit and credit.

    Cells of an account are empty for zero and lead to `href`; those of a sum show zeros. A
    report has thousands of them, which a loop in a template takes three times as long for.
    """
    digits = currency if isinstance(currency, int) else minor_digits(str(currency))
    link = f'<a href="{escape(href)}">' if href else ""
    marks = [escape(_("Dr")), escape(_("Cr"))]
    cells = []
    for place, amount in enumerate(amounts):
        css = "fm-num fm-balance" if href and place not in _MOVEMENT else "fm-num"
        text = money(amount, digits) if amount or not href else ""
        inside = f"{link}{text}</a>" if link and text else text
        cells.append(f'<td class="{css}" data-label="{marks[place % 2]}">{inside}</td>')
    return mark_safe("".join(cells))  # noqa: S308  (made of escaped parts)


@register.filter
def rate(figure: Decimal | None) -> str:
    """Show an exchange rate with four decimals, or all that it has."""
    return "" if figure is None else format_rate(figure)


@register.filter
def signed_percent(change: Decimal | None) -> str:
    """Show a change as +1.23 % or −1.23 %, with a real minus sign."""
    return "" if change is None else f"{_signed(change)}\u00a0%"


@register.filter
def signed_points(change: Decimal | None) -> str:
    """Show by how much a percentage itself changed: +1.23 pp."""
    unit = pgettext("percentage points", "pp")
    return "" if change is None else f"{_signed(change)}\u00a0{unit}"


def _signed(change: Decimal) -> str:
    shown = round(change, 2)
    sign = "+" if shown > 0 else "\u2212" if shown < 0 else ""
    return f"{sign}{abs(shown):.2f}"


@register.filter
def thousands(number: int | None) -> str:
    """Show a count with separators: 4,118."""
    return "" if number is None else f"{number:,}"


@cache
def _icon_markup(name: str) -> SafeString:
    _head, inside = lucide(name, size=None).split(">", 1)
    # Stroke and size come from the style sheet. The markup is the icon package's own.
    return mark_safe(_ICON_HEAD + _BETWEEN_TAGS.sub("><", f">{inside}".strip())[1:])  # noqa: S308


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon of the Lucide set; decorative, so the word beside it must say it all."""
    return _icon_markup(name)


@register.simple_tag(takes_context=True)
def query_replace(context: Context, **changes: object) -> str:
    """Return the page's query string with some keys set; None or "" removes the key."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        if value in {None, ""}:
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}" if query else "?"


@register.inclusion_tag("components/hidden_query.html", takes_context=True)
def hidden_query(context: Context, *without: str) -> dict[str, object]:
    """Carry the query's other filters through a GET form as hidden fields."""
    lists = context["request"].GET.lists()
    return {
        "pairs": [
            (key, value) for key, values in lists if key not in without for value in values
        ]
    }


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(
    context: Context, field: str, label: str, *, css: str = "", parameter: str = "sort"
) -> dict[str, object]:
    """Draw a column head that sorts by `field`, and the other way when clicked again."""
    current = context["request"].GET.get(parameter, "")
    ascending = current == field
    target = f"-{field}" if ascending else field
    return {
        "label": label,
        "css": css,
        "href": query_replace(context, **{parameter: target, "page": None}),
        "direction": {field: "ascending", f"-{field}": "descending"}.get(current, ""),
    }


@register.inclusion_tag("components/status_badge.html")
def status_badge(state: str, label: str = "") -> dict[str, str]:
    """Show a state as icon, word and colour."""
    tone, name = STATES.get(str(state).lower(), ("", "circle-dashed"))
    return {"tone": tone, "icon_name": name, "label": label or str(state)}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: Context, page: Page[Any] | UncountedPage) -> dict[str, object]:
    """Show which rows these are and links to the other pages, filters kept."""
    if isinstance(page, UncountedPage):
        around = {"previous": page.previous_number(), "next": page.next_number()}
        hrefs = {key: query_replace(context, page=n) for key, n in around.items() if n}
        return {"page": page, "around": hrefs}
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    links = [
        (number, query_replace(context, page=number) if isinstance(number, int) else "")
        for number in numbers
    ]
    return {"page": page, "links": links}


@register.filter
def first_error(errors: str | Iterable[str] | None) -> str:
    """Return one message from a text, a list of texts or nothing."""
    if not errors:
        return ""
    if isinstance(errors, str):
        return errors
    return str(next(iter(errors)))


def _control_class(field: BoundField) -> str:
    widget = field.field.widget
    if isinstance(widget, CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, Select) else "form-control"


@register.filter
def control(field: BoundField) -> SafeString:
    """Render a form field's control with the classes of the style sheet."""
    invalid = " is-invalid" if field.errors else ""
    given = field.field.widget.attrs.get("class", "")
    css = f"{given} {_control_class(field)}{invalid}".strip()
    return field.as_widget(attrs={"class": css})


@register.inclusion_tag("components/form_field.html")
def form_field(field: BoundField, *, css: str = "") -> dict[str, object]:
    """Render a form field: label above, control, help, errors."""
    is_check = isinstance(field.field.widget, CheckboxInput)
    return {"field": field, "css": css, "is_check": is_check}


@register.simple_tag
def trace_id() -> str:
    """Return the trace id of the request, also on pages that have no context."""
    return current_trace_id()
