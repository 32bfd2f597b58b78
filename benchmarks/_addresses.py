"""The addresses that the page benchmark asks for: each filter with rare and common values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from apps.ledgers.models import Account, EntryState, JournalEntry, Period
from apps.organizations.permissions import Role
from benchmarks._books import Books


@dataclass(frozen=True, slots=True)
class Page:
    """A kind of page with addresses that differ in what they have to read."""

    name: str
    addresses: list[str]
    role: Role = Role.SENIOR_ACCOUNTANT
    # Whose page it is, where the role alone does not do: a draft is its maker's.
    visitor_id: int = 0
    # Milliseconds that 95 of 100 requests may take.
    limit_ms: int = 150
    limit_queries: int = 12


def pages_of(books: Books) -> list[Page]:
    """Return all pages that read the books."""
    return [*_journal(books), *_entries(books), *_others(books)]


def _journal(books: Books) -> list[Page]:
    period = books.ledger.periods.filter(is_adjustment=False)[6]
    busy, rare = _codes(books.account_ids[0]), _codes(books.account_ids[-1])
    finds: dict[str, list[dict[str, object]]] = {
        "unfiltered": [{}],
        "deep page": [{"page": 50}, {"page": 2_000}, {"page": 4_900}],
        "sorted": [{"sort": "total"}, {"sort": "-total", "page": 40}, {"sort": "summary"}],
        "text, common": [{"q": "Invoice"}, {"q": "支付货款"}, {"q": "a"}],
        "text, rare": [{"q": "R0123456"}, {"q": "保险"}, {"q": "not there"}, {"q": "8715"}],
        "text in a period": [{"q": "Invoice", "period": period.pk}],
        "busy account": [{"account": busy}, {"account": busy, "page": 900}],
        "rare account": [{"account": rare}],
        "account group": [{"account": "1"}, {"account": "101"}],
        "busy account and text": [
            {"account": busy, "q": "Invoice"},
            {"account": busy, "q": "z9"},
        ],
        "amount": [
            {"amount_from": "9000000"},
            {"amount_from": "10", "amount_to": "5000"},
            {"amount_from": "123.45", "amount_to": "123.45"},
        ],
        "dates": [
            {"date_from": "2026-03-01", "date_to": "2026-09-30"},
            {"date_from": "2026-05-04", "date_to": "2026-05-04"},
        ],
        "state": [{"state": state} for state in EntryState.values],
        "maker": [{"maker": "clerk-3"}, {"maker": "nobody"}, {"maker": "clerk"}],
        "word": [{"word": "transfer"}, {"word": "receipt"}],
        "kind": [{"kind": "adjustment"}, {"kind": "reversal"}],
        "number": [{"number": 17}, {"number": 999_999}],
        "dimension": [{"dimension": "C007"}, {"dimension": "nothing"}],
        "period": [{"period": period.pk}],
    }  # fmt: skip
    return [
        Page(f"journal, {name}", [_list(books, query) for query in queries])
        for name, queries in finds.items()
    ]


def _list(books: Books, query: Mapping[str, object]) -> str:
    return _url("ledgers:journal_entry_list", books, query=query)


def _entries(books: Books) -> list[Page]:
    posted = JournalEntry.objects.filter(ledger=books.ledger, state=EntryState.POSTED)
    drafts = JournalEntry.objects.filter(ledger=books.ledger, state=EntryState.DRAFT)
    some = [posted[place].pk for place in (0, 1_001, 20_002)]
    draft = drafts[0]
    name = "ledgers:journal_entry_"
    return [
        Page("entry", [_url(f"{name}detail", books, pk) for pk in (*some, draft.pk)]),
        Page(
            "entry, history",
            [_url(f"{name}detail", books, pk, query={"tab": "history"}) for pk in some],
        ),
        Page("entry, printed", [_url(f"{name}print", books, pk) for pk in some]),
        Page("entry, new", [_url(f"{name}create", books)], Role.ACCOUNTANT),
        Page(
            "entry, form",
            [_url(f"{name}edit", books, draft.pk)],
            visitor_id=draft.maker_id,
        ),
    ]


def _others(books: Books) -> list[Page]:
    busy, rare = (Account.objects.get(pk=books.account_ids[place]).code for place in (0, -1))
    first, last = _ends(books)
    year = {"first": str(first), "last": str(last)}
    detail, balance = "ledgers:account_detail", "reports:trial_balance"
    audit = reverse("audit:operation_list")
    one = JournalEntry.objects.filter(ledger=books.ledger)[5].pk
    return [
        Page("chart of accounts", [_url("ledgers:account_list", books)]),
        Page(
            "account, busy",
            [
                _url(detail, books, busy),
                _url(detail, books, busy, query=year),
                _url(detail, books, busy, query=year | {"page": 2_000}),
            ],
        ),
        Page("account, rare", [_url(detail, books, rare, query=year)]),
        Page("trial balance", [_url(balance, books), _url(balance, books, query=year)]),
        Page("periods", [_url("ledgers:period_list", books)]),
        Page(
            "audit trail",
            [
                audit,
                f"{audit}?before=200000",
                f"{audit}?kind=journal_entry.post",
            ],
            Role.AUDITOR,
        ),
        # A text may stand anywhere in the log, which is read as a whole for a rare one.
        Page("audit trail, rare text", [f"{audit}?q={one}"], Role.AUDITOR, limit_ms=500),
        *(Page(f"home, {role}", [reverse("portal:home")], role) for role in Role),
    ]


def _ends(books: Books) -> tuple[Period, Period]:
    periods = list(books.ledger.periods.filter(is_adjustment=False))
    return periods[0], periods[-1]


def _codes(account: int) -> str:
    return Account.objects.get(pk=account).code


def _url(
    name: str, books: Books, *keys: object, query: Mapping[str, object] | None = None
) -> str:
    path = reverse(name, args=(books.ledger.code, *keys))
    return f"{path}?{urlencode(query)}" if query else path
