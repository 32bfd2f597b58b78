"""The journal entry form in a browser without a server: page, scripts and answers by hand.

The page is rendered from its template, static files come from their finders, and what the
form sends is kept, so that the tests of the grid need neither views nor rows.
"""

from __future__ import annotations

import mimetypes
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from apps.ledgers.models import Word

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Route

ORIGIN = "http://books.test"
POLICY = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'"
ACCOUNTS = [
    ["1001", "Cash on hand", "kcxj", []],
    ["1002.01", "Bank, ICBC", "yhckgh", []],
    ["1122", "应收账款", "yszk", ["customer"]],
    ["1002.02", "Bank, USD", "yhckmy", [], "USD"],
    ["6602.07", "Software", "glfyrj", ["department"]],
]
DIMENSIONS = [
    ["IT-0210", "IT infrastructure", "department", "itjc"],
    ["C-17", "Customer 17", "customer", "kh"],
]
CURRENCIES = [
    ["CNY", "Chinese Yuan", 2],
    ["JPY", "Japanese Yen", 0],
    ["KWD", "Kuwaiti Dinar", 3],
    ["USD", "US Dollar", 2],
]
RATES = {"USD": (2, "7.1234", 1), "JPY": (0, "4.8050", 100)}
LINES = [
    ("Cloud hosting", "6602.07 Software", "IT-0210", "1,000.10", ""),
    ("Paid by bank", "1002.01 Bank, ICBC", "", "", "1,000.10"),
]


class EntryPage:
    """The form, opened; what it sent; what the server answers."""

    def __init__(self, browser: Browser, *, language: str = "en", script: bool = True) -> None:
        """Open the form with two balanced lines."""
        self.sent: list[dict[str, list[str]]] = []
        self.problems: list[str] = []
        self.autosave_answer: tuple[int, dict[str, Any]] = (
            200,
            {"version": 8, "saved_at": "2026-11-24T02:42:07Z"},
        )
        self._html = _render(language)
        context = browser.new_context(
            viewport={"width": 1440, "height": 900},
            java_script_enabled=script,
            timezone_id="Asia/Shanghai",
        )
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda message: self._listen(message.type, message.text))
        self.page.route("**/*", self._answer)
        self.page.goto(f"{ORIGIN}/entry/")
        if script:
            self.page.locator("[data-entry-form][data-ready=yes]").wait_for()

    def _listen(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and "409" not in text and "422" not in text:
            self.problems.append(text)

    def _answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            route.fulfill(body=_static_file(path), content_type=mimetypes.guess_type(path)[0])
        elif path == "/accounts.json":
            route.fulfill(json=ACCOUNTS)
        elif path == "/dimensions.json":
            route.fulfill(json=DIMENSIONS)
        elif path == "/currencies.json":
            route.fulfill(json=CURRENCIES)
        elif path == "/rate.json":
            self._give_rate(route)
        elif route.request.method == "POST":
            self._receive(route, path)
        else:
            headers = {"Content-Security-Policy": POLICY}
            route.fulfill(body=self._html, content_type="text/html", headers=headers)

    def _give_rate(self, route: Route) -> None:
        currency = parse_qs(urlsplit(route.request.url).query)["currency"][0]
        if currency in RATES:
            digits, rate, per = RATES[currency]
            note = f"{rate} · spot · ecb · 2026-11-20 (3 days old)"
            route.fulfill(json={"digits": digits, "rate": rate, "per": per, "note": note})
        else:
            route.fulfill(status=422, json={"problem": f"There is no rate of {currency}."})

    def _receive(self, route: Route, path: str) -> None:
        body = route.request.post_data or ""
        if path == "/autosave/":
            self.sent.append({"autosave": [body]})
            status, answer = self.autosave_answer
            route.fulfill(status=status, json=answer)
        else:
            self.sent.append(parse_qs(body, keep_blank_values=True))
            route.fulfill(body="sent", content_type="text/html")

    def cell(self, line: int, column: str) -> Locator:
        """Return an input of a line, counted from 1."""
        row = self.page.locator("[data-lines] > [data-line]").nth(line - 1)
        return row.locator(f"[name=line_{column}]")

    def write(self, line: int, column: str, text: str) -> None:
        """Type into a cell as a person does, key by key."""
        self.cell(line, column).click()
        self.page.keyboard.type(text)

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def value(self, line: int, column: str) -> str:
        """Return what a cell holds."""
        return self.cell(line, column).input_value()

    @property
    def focus(self) -> tuple[str, str]:
        """Which cell has the focus: line number and column."""
        where = self.page.evaluate(
            """() => {
                const at = document.activeElement;
                return [at.closest("[data-line]").firstElementChild.textContent, at.name];
            }"""
        )
        return where[0], where[1].removeprefix("line_")

    @property
    def balance(self) -> Locator:
        """The line that says whether the entry balances."""
        return self.page.locator("[data-balance]")

    @property
    def options(self) -> Locator:
        """What the open list offers."""
        return self.page.locator("#entry-options [role=option]")

    @property
    def lines(self) -> Locator:
        """All lines."""
        return self.page.locator("[data-lines] > [data-line]")


@cache
def _static_file(path: str) -> bytes:
    """Return our own files; the look and htmx do not matter to the grid."""
    name = path.removeprefix("/static/")
    found = finders.find(name) if name.startswith(("js/", "css/entry", "css/app")) else None
    return Path(str(found)).read_bytes() if found else b""


def _render(language: str) -> str:
    names = ("summary", "account", "dimensions", "debit", "credit")
    rows = [
        {"number": number, "errors": {}, **dict(zip(names, line, strict=True))}
        for number, line in enumerate(LINES, start=1)
    ]
    data = {"version": 7, "form_key": "k", "word": "general", "entry_date": "2026-11-23"}
    context = {
        "shell": SimpleNamespace(user=SimpleNamespace(display_name="Li Na"), theme="light"),
        "can": {"entry_submit": True},
        "ledger": SimpleNamespace(code="main", label="Main", base_currency_id="CNY"),
        "form": SimpleNamespace(data=data, errors={}, shows_currency=False, notices=[]),
        "rows": rows,
        "words": Word.choices,
        "digits": 2,
        "rounding": "half_up",
        "tax_choices": [("special", "13 % · special VAT invoice")],
        "rounding_account": "6602.99 Rounding",
        "currency_options_url": "/currencies.json",
        "rate_url": "/rate.json",
        "autosave_url": "/autosave/",
        "account_options_url": "/accounts.json",
        "dimension_options_url": "/dimensions.json",
    }
    with translation.override(language):
        return render_to_string(
            "ledgers/journal_entry_form.html", context, RequestFactory().get("/entry/")
        )
