"""The cards of the dashboard say what the read model says, of the ledgers of the reader."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.reports.models import DailyFigure
from apps.reports.services.activity import DAYS, activity_of
from tests.factories import DAY, make_ledger

pytestmark = pytest.mark.django_db


def test_a_card_sums_thirty_days_of_the_ledgers_it_is_asked_about() -> None:
    ledger, other = make_ledger(), make_ledger()
    for of, day, count in ((ledger, 0, 3), (ledger, 29, 4), (ledger, DAYS, 9), (other, 0, 8)):
        DailyFigure.objects.create(
            organization=of.organization,
            ledger=of,
            day=DAY - timedelta(days=day),
            measure="posted",
            detail="CNY",
            count=count,
            amount=Decimal("1234.50"),
            seconds=0,
        )

    (card,) = activity_of([ledger], until=DAY)

    assert (card.count, card.notes) == (7, ("CNY 2,469.00",))
    assert card.path.startswith("M1 ")


def test_decisions_say_how_many_were_approved_and_how_long_they_took() -> None:
    ledger = make_ledger()
    for detail, count in (("approved", 3), ("rejected", 1)):
        DailyFigure.objects.create(
            organization=ledger.organization,
            day=DAY,
            measure="decided",
            detail=detail,
            count=count,
            amount=0,
            seconds=count * 5_400,
        )

    (card,) = activity_of([ledger], until=DAY)

    assert card.count == 4
    assert card.notes == ("75 % approved", "1.5 h on average")


def test_where_nothing_happened_there_is_no_card() -> None:
    assert activity_of([make_ledger()], until=DAY) == []
