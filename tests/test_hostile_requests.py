"""Whatever bytes arrive in a filter or a field, the answer is a page and never a 5xx."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.ledgers.models import JournalImport
from apps.organizations.permissions import Role
from tests.factories import make_senior, make_user
from tests.ledgers.journal_pages import Books, client_of, form_data, make_books
from tests.ledgers.uploads import make_upload

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
TRICKY = [
    "NaN", "1e400", "-Infinity", "１２３", "1_000", "0x10", "-0", "9" * 30, "2147483648",
    "9223372036854775808", "-1", "9999-12-31", "0001-01-01", "0000-00-00", "2026-02-30", "\0",
    "a\0b", "\u202e", "\ufeff", "\x7f", "%", "_", "\\", "' OR 1=1 --", "{x}", "{}", "{0}", "[",
    "last", "me", "#9999999999999999999", "a" * 3000, "𝟙", "²", "٣", "\ud800",
]  # fmt: skip
TEXTS = st.one_of(st.sampled_from(TRICKY), st.text(max_size=40))
BYTES = st.one_of(
    TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary(max_size=20)
)


@dataclass(frozen=True, slots=True)
class Door:
    """A page: its URL, its method, and a request that it understands."""

    method: str
    url: str
    known: tuple[str, ...]


GETS = {
    "journal": Door("GET", "ledgers:journal_entry_list", (
        "q", "state", "period", "account", "word", "kind", "maker", "dimension", "date_from",
        "date_to", "amount_from", "amount_to", "number", "sort", "page", "view",
    )),
    "journal export": Door("GET", "ledgers:journal_entry_export", (
        "format", "q", "account", "amount_from", "number",
    )),
    "new entry": Door("GET", "ledgers:journal_entry_create", ("lines", "copy", "date")),
    "accounts": Door("GET", "ledgers:account_list", ("q", "account_class", "inactive")),
    "account options": Door("GET", "ledgers:account_options", ("q",)),
    "trial balance": Door("GET", "reports:trial_balance", (
        "q", "first", "last", "account_class", "level", "dimension", "without_closing",
        "with_zero", "prove",
    )),
    "imports": Door("GET", "ledgers:journal_import_list", ("page",)),
}  # fmt: skip
AUDIT = ("q", "actor", "kind", "action", "table", "row", "trace", "since", "until", "after",
         "before")  # fmt: skip
ACCOUNT = {
    "code": "5001", "name": "New", "name_zh": "新", "parent": "", "account_class": "asset",
    "normal_side": "1", "statement_section": "", "is_leaf": "on", "currency": "",
    "guard": "none", "control": "none", "required_dimension_ids": "", "version": "1",
}  # fmt: skip
MAPPING = {
    "column_entry": "{entry}", "column_date": "{date}", "column_account": "{account}",
    "column_debit": "{debit}", "column_credit": "{credit}", "text_account": "", "text_date": "",
    "text_entry": "", "text_counter_account": "", "debit_words": "", "act": "preview",
    "create_accounts_under": "", "version": "1",
}  # fmt: skip
ROWS = b"entry,date,account,debit,credit\n1,2026-01-10,1002,5,\n1,2026-01-10,6001,,5\n"
FEW = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def some_of(names: tuple[str, ...]) -> st.SearchStrategy[dict[str, bytes]]:
    """Return fields with anything in them."""
    return st.dictionaries(st.sampled_from(names), BYTES, min_size=1, max_size=4)


def encode(fields: Mapping[str, object]) -> str:
    """Return fields as a form sends them, bytes as they are."""
    pairs = [
        (name, value)
        for name, values in fields.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    return "&".join(
        f"{name}={quote_from_bytes(value if isinstance(value, bytes) else str(value).encode())}"
        for name, value in pairs
    )


def status_of(client: Client, method: str, url: str, fields: Mapping[str, object]) -> int:
    """Send fields and return the status; an exception of a view counts as 500."""
    client.raise_request_exception = False
    if method == "GET":
        return client.generic("GET", url, QUERY_STRING=encode(fields)).status_code
    return client.generic("POST", url, encode(fields), content_type=FORM).status_code


@pytest.fixture
def books() -> Books:
    """Return books with a senior accountant signed in, who reaches every page of them."""
    books = make_books()
    books.client = client_of(make_senior(books.ledger))
    return books


@pytest.mark.parametrize("name", GETS)
@FEW
@given(data=st.data())
def test_a_page_answers_any_filter(books: Books, name: str, data: st.DataObject) -> None:
    door = GETS[name]
    fields = data.draw(some_of(door.known))

    status = status_of(
        books.client, "GET", reverse(door.url, args=(books.ledger.code,)), fields
    )

    assert status < 500


@FEW
@given(fields=some_of(AUDIT))
def test_the_audit_trail_answers_any_search(books: Books, fields: dict[str, bytes]) -> None:
    auditor = client_of(make_user(books.ledger.organization, Role.AUDITOR))

    assert status_of(auditor, "GET", reverse("audit:operation_list"), fields) < 500


@FEW
@given(fields=some_of(("username", "password", "next")))
def test_signing_in_answers_any_name(fields: dict[str, bytes]) -> None:
    assert status_of(Client(), "POST", reverse("organizations:sign_in"), fields) < 500


@FEW
@given(fields=some_of(tuple(form_data())))
def test_the_entry_form_answers_anything(books: Books, fields: dict[str, bytes]) -> None:
    url = books.url("journal_entry_create")

    assert status_of(books.client, "POST", url, {**form_data(), **fields}) < 500


@FEW
@given(fields=some_of(tuple(ACCOUNT)))
def test_the_account_form_answers_anything(books: Books, fields: dict[str, bytes]) -> None:
    create, edit = books.url("account_create"), books.url("account_edit", "1002")

    assert status_of(books.client, "POST", create, {**ACCOUNT, **fields}) < 500
    assert status_of(books.client, "POST", edit, {**ACCOUNT, **fields}) < 500


@FEW
@given(fields=some_of(tuple(MAPPING)))
def test_the_mapping_of_an_import_answers_anything(
    books: Books, fields: dict[str, bytes]
) -> None:
    file = {"file": make_upload("a.csv", ROWS), "kind": "ordinary", "word": "general"}
    books.client = client_of(books.maker)
    books.client.post(books.url("journal_import_create"), file | {"may_repeat": "on"})
    url = books.url("journal_import_map", JournalImport.objects.latest("pk").pk)

    assert status_of(books.client, "POST", url, {**MAPPING, **fields}) < 500
    assert status_of(books.client, "GET", url, {}) == 200
