"""Entries of systems keep what a foreign line says of its rate, as those of people do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from apps.fx.models import ExchangeRate
from apps.ledgers.services.entry_lines import lines_with_rates
from apps.ledgers.services.verification import verify_inside_a_transaction
from tests.factories import DAY
from tests.fx_rates import make_rate
from tests.open_items import ItemBooks

pytestmark = pytest.mark.django_db


def test_rate_type_source_and_day_are_kept_and_the_rate_is_used_from_then_on() -> None:
    books = ItemBooks()
    rate = make_rate("JPY", "4.8050", per=100, day=DAY - timedelta(days=2))
    facts: dict[str, Any] = {
        "rate": Decimal("4.8050"),
        "rate_per": 100,
        "rate_type": "spot",
        "rate_source": "ecb",
        "rate_on": rate.valid_from,
        "rate_ids": (rate.pk,),
    }
    lines = [
        replace(books.line(account, amount, base, currency="JPY"), **facts)
        for account, amount, base in (
            (books.bank, "1500", "72.08"),
            (books.sales, "-1500", "-72.08"),
        )
    ]

    entry = books.post(*lines)

    note = lines_with_rates(entry)[0].rate_note  # type: ignore[attr-defined]
    assert note == "4.805/100 · spot · ecb · 2026-01-13 (2 days old)"
    assert ExchangeRate.objects.get(pk=rate.pk).is_used
    assert [one.name for one in verify_inside_a_transaction() if one.count] == []


def test_a_line_that_says_nothing_of_its_rate_is_plain() -> None:
    books = ItemBooks()
    entry = books.post(books.line(books.bank, "5"), books.line(books.sales, "-5"))

    line = entry.lines.all()[0]
    assert (line.rate, line.rate_per) == (Decimal(1), 1)
    assert not (line.rate_type)
    assert not (line.rate_source)
    assert not (line.rate_on)
    assert not (line.rate_ids)
