"""How much runs match by themselves: kept when they end, told over time."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from apps.core.charts import BarChart
from apps.core.templatetags.finance import signed_points
from apps.reconciliation.models import MatchedItem, ReconciliationRun, RunOutcome
from apps.reconciliation.services.match_rates import (
    MatchRate,
    channel_rates,
    finished_runs,
    rate_chart,
    rates_of,
)
from apps.statements.models import Channel
from tests.factories import DAY, make_accountant
from tests.reconciliation.world import make_books, run_now
from tests.statements.world import make_line, make_statement, read

pytestmark = pytest.mark.django_db


def make_run_channel() -> tuple[Channel, ReconciliationRun]:
    """Return a channel whose run matched 100.00 of both sides and left 300.00 in the books."""
    channel = make_books(("TXN-1", "100.00"), ("TXN-2", "-300.00"))
    make_statement(channel, read(make_line("100.00", "TXN-1")))
    return channel, run_now(channel, to_on=DAY)


def test_a_run_keeps_what_it_made_of_its_rows_by_count_and_value() -> None:
    _channel, run = make_run_channel()

    kept = RunOutcome.objects.order_by("side", "bucket").values_list(
        "run", "side", "currency", "bucket", "count", "value"
    )

    assert list(kept) == [
        (run.pk, "book", "CNY", "exact", 1, Decimal(100)),
        (run.pk, "book", "CNY", "missing_ext", 1, Decimal(300)),
        (run.pk, "statement", "CNY", "exact", 1, Decimal(100)),
    ]
    call_command("verify_books")


def test_rates_are_of_rows_and_of_value_whatever_the_sign() -> None:
    channel, _run = make_run_channel()

    (rate,) = rates_of(finished_runs(channel))

    assert (rate.rows, rate.matched, rate.by_count) == (3, 2, Decimal("66.66"))
    assert (rate.value, rate.matched_value) == (Decimal(500), Decimal(200))
    assert rate.by_value == Decimal("40.00")


def test_a_later_run_tells_its_change_and_leaves_the_earlier_one_as_it_was() -> None:
    channel, first = make_run_channel()
    make_statement(channel, read(make_line("-300.00", "TXN-2", day=DAY)))
    run_now(channel, to_on=DAY)

    (row,) = channel_rates([channel])

    assert row.newest is not None
    assert (row.newest.by_count, row.change) == (Decimal("100.00"), Decimal("33.34"))
    assert row.open_breaks == 0
    assert signed_points(row.change) == "+33.34\u00a0pp"
    assert rates_of([first])[0].by_value == Decimal("40.00")
    call_command("verify_books")


def test_a_run_without_outcomes_tells_its_rows_alone() -> None:
    channel, run = make_run_channel()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM reconciliation_runoutcome")
        cursor.execute("SET LOCAL session_replication_role = origin")

    (rate,) = rates_of([run])

    assert (rate.by_count, rate.by_value) == (Decimal("66.66"), None)
    assert isinstance(rate_chart([rate]), BarChart)
    assert rate_chart([]) is None
    assert channel_rates([channel])[0].change is None


def test_outcomes_never_change_and_verify_books_finds_one_that_lies() -> None:
    _channel, run = make_run_channel()
    with pytest.raises(DatabaseError), transaction.atomic():
        RunOutcome.objects.update(count=7)

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        MatchedItem.objects.filter(run=run, bucket="exact", side="book").update(amount=99)
        cursor.execute("SET LOCAL session_replication_role = origin")
    with pytest.raises(SystemExit):
        call_command("verify_books")


def test_the_pages_and_the_file_tell_the_same(client: Client) -> None:
    channel, run = make_run_channel()
    client.force_login(make_accountant(channel.ledger))

    listed = client.get(reverse("reconciliation:rate_list")).content.decode()
    shown = client.get(reverse("reconciliation:rate_detail", args=(channel.code,)))
    answer = client.get(reverse("reconciliation:rate_export"))
    told = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]

    assert "66.66 %" in listed
    assert "The scale begins at 20 %, not at 0." in shown.content.decode()
    assert "40.00 %" in shown.content.decode()
    assert f"{channel.label},{run.number}," in told
    assert ",66.66,CNY,500.00,200.00,40.00" in told


def test_a_rate_says_100_percent_only_when_nothing_is_left() -> None:
    _channel, run = make_run_channel()
    nearly = MatchRate(run, 30_000, 29_999, 0, Decimal(7000000), Decimal("6999999.99"))

    assert (nearly.by_count, nearly.by_value) == (Decimal("99.99"), Decimal("99.99"))


def test_the_file_may_be_of_one_channel_alone(client: Client) -> None:
    channel, run = make_run_channel()
    client.force_login(make_accountant(channel.ledger))
    url = reverse("reconciliation:rate_export")

    answer = client.get(f"{url}?channel={channel.code}")
    told = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]

    assert f"{channel.label},{run.number}," in told
    assert client.get(f"{url}?channel=unknown").status_code == 404


def test_the_list_asks_the_database_no_more_for_more_channels(
    django_assert_max_num_queries: object,
) -> None:
    channels = [make_run_channel()[0] for _each in range(3)]

    with django_assert_max_num_queries(12):  # type: ignore[operator]
        assert len(channel_rates(channels)) == 3
