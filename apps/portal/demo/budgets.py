"""Budgets of the demo: what departments may spend this year, near what they did."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_UP, Decimal
from typing import TYPE_CHECKING

from django.db.models import Q, Sum

from apps.budgets.services.budgets import About, Terms, create_budget
from apps.ledgers.models import DimensionValue, EntryState, JournalLine

if TYPE_CHECKING:
    from apps.budgets.models import Budget
    from apps.ledgers.models import Ledger
    from apps.portal.demo.journal import DemoBook

# Code of the value, the year's budget for each yuan that was spent so far, whether it is hard.
_PLANS = (
    ("D08", "1.12", True),
    ("D07", "1.30", False),
    ("D10", "0.97", False),
    ("D11", "1.05", False),
    ("D15", "1.45", False),
    ("D01", "1.60", True),
)
_STEP, _LEAST = Decimal(10_000), Decimal(50_000)


def make_budgets(book: DemoBook, today: date) -> list[Budget]:
    """Write this year's budgets; one of them is exceeded, and nothing hard is."""
    year = date(today.year, 1, 1), date(today.year, 12, 31)
    made = []
    for code, factor, is_hard in _PLANS:
        value = DimensionValue.objects.filter(
            organization=book.ledger.organization_id, code=code
        ).first()
        if value is None:
            continue
        wanted = _spent(book.ledger, value, year) * Decimal(factor)
        amount = max(_LEAST, (wanted / _STEP).quantize(Decimal(1), ROUND_UP) * _STEP)
        terms = Terms(f"{value.name_zh or value.name} {today.year}", amount, is_hard=is_hard)
        about = About(*year, dimension_value=value)
        made.append(create_budget(book.ledger, about, terms, actor=book.staff.seniors[0]))
    return made


def _spent(ledger: Ledger, value: DimensionValue, year: tuple[date, date]) -> Decimal:
    lines = JournalLine.objects.filter(
        Q(account__account_class="cost") | Q(account__statement_section="expense"),
        ledger=ledger,
        entry_date__range=year,
        entry__state=EntryState.POSTED,
        entry__kind__in=("ordinary", "reversal", "adjustment"),
        dimension_set__value_ids__contains=[value.pk],
    )
    return lines.aggregate(sum=Sum("base_amount"))["sum"] or Decimal(0)
