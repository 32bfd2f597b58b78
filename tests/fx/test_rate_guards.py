"""What PostgreSQL itself refuses of rates."""

from __future__ import annotations

import pytest

from apps.fx.services.lookup import mark_used
from tests.factories import make_organization
from tests.fx.rates import make_own, make_published, make_waiting
from tests.sql import refuse, run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "change",
    [
        "rate = 9",
        "per = 100",
        "valid_from = '2000-01-01'",
        "from_currency = 'HKD'",
        "source = 'x'",
        "revision = 7",
        "organization_id = NULL",
    ],
)
def test_no_figure_of_a_rate_ever_changes(change: str) -> None:
    make_own(make_organization(), "USD/CNY", "7.1")

    refuse("FM020", f"UPDATE fx_exchangerate SET {change}")


def test_a_used_rate_does_not_change_at_all() -> None:
    rate = make_own(make_organization(), "USD/CNY", "7.1")
    mark_used([rate.pk])

    refuse("FM020", "UPDATE fx_exchangerate SET is_used = false")
    refuse("FM020", "UPDATE fx_exchangerate SET reject_reason = 'x'")


def test_a_rate_is_never_deleted() -> None:
    make_published("USD/CNY", "7.1")

    run("SET CONSTRAINTS ALL IMMEDIATE")

    refuse("FM020", "DELETE FROM fx_exchangerate")
    refuse("FM020", "TRUNCATE fx_exchangerate CASCADE")


def test_an_own_rate_is_born_waiting() -> None:
    rate = make_waiting(make_organization(), "USD/CNY", "7.1")
    columns = (
        "version, created_at, updated_at, rate_type, from_currency, to_currency, per, rate,"
        " valid_from, source, note, state, reject_reason, is_used, organization_id,"
        " entered_by_id"
    )
    values = columns.replace("state", "'confirmed'")

    refuse(
        "FM021",
        f"INSERT INTO fx_exchangerate ({columns}, revision)"
        f" SELECT {values}, 2 FROM fx_exchangerate WHERE id = %(pk)s",
        pk=rate.pk,
    )


def test_who_entered_a_rate_cannot_confirm_it() -> None:
    make_waiting(make_organization(), "USD/CNY", "7.1")

    refuse(
        "23514",
        "UPDATE fx_exchangerate SET state = 'confirmed',"
        " confirmed_by_id = entered_by_id, confirmed_at = now()",
    )
    refuse("23514", "UPDATE fx_exchangerate SET state = 'confirmed'")


def test_a_decision_is_final() -> None:
    make_own(make_organization(), "USD/CNY", "7.1")

    refuse("FM022", "UPDATE fx_exchangerate SET state = 'rejected'")


def test_a_waiting_rate_cannot_be_used() -> None:
    make_waiting(make_organization(), "USD/CNY", "7.1")

    refuse("FM020", "UPDATE fx_exchangerate SET is_used = true")


def test_a_rate_joins_two_currencies_by_a_positive_figure() -> None:
    insert = (
        "INSERT INTO fx_exchangerate (version, created_at, updated_at, rate_type,"
        " from_currency, to_currency, per, rate, valid_from, source, note, state,"
        " reject_reason, is_used, revision)"
        " VALUES (1, now(), now(), 'spot', {}, {}, {}, {}, '2026-01-15', 'x', '',"
        " 'confirmed', '', false, 5)"
    )

    refuse("23514", insert.format("'USD'", "'USD'", 1, 1))
    refuse("23514", insert.format("'USD'", "'usd'", 1, 1))
    refuse("23514", insert.format("'USD'", "'CNY'", 10, 1))
    refuse("23514", insert.format("'USD'", "'CNY'", 1, 0))


def test_a_change_counts_and_a_use_does_not() -> None:
    def count() -> int:
        return int(run("SELECT version FROM fx_ratestamp")[0][0])

    before = count()
    rate = make_published("USD/CNY", "7.1")
    after = count()
    mark_used([rate.pk])

    assert (after, count()) == (before + 1, before + 1)
