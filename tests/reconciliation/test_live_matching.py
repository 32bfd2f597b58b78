"""Rows that come one after another are placed as the reference matcher places them together."""

from __future__ import annotations

import random

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.domain.items import Item
from apps.reconciliation.domain.matcher import match
from apps.reconciliation.domain.rules import Rules, read_rules
from apps.reconciliation.models import LiveItem
from apps.reconciliation.services.live import (
    KINDS,
    LiveRow,
    keep_rows,
    match_references,
    match_rows,
)
from apps.statements.models import Channel
from tests.reconciliation.rows import DEFAULT, row
from tests.reconciliation.test_duck_engine import SHARED, run_duck, with_reversals
from tests.reconciliation.world import make_books

pytestmark = pytest.mark.django_db
PASSES = [
    {"kind": "exact"},
    {"kind": "date", "days": 3},
    {"kind": "reversal", "days": 2},
    {"kind": "duplicate", "days": 2},
    {"kind": "group", "days": 5, "absolute": 10},
    {"kind": "tolerance", "absolute": 60, "basis_points": 500, "days": 2},
]
CALENDAR_DAYS = read_rules(PASSES)
BUSINESS_DAYS = read_rules(
    [PASSES[0], PASSES[4], PASSES[2], PASSES[1], PASSES[5], PASSES[3]],
    {"business_days": True, "holidays": ["2026-10-02"]},
)
Found = list[tuple[str, int, str, int | None, int | None, int]]


def rows() -> st.SearchStrategy[list[Item]]:
    plain = {key: SHARED[key] for key in ("reference", "currency", "amount", "on")}
    row = st.fixed_dictionaries({"pk": st.integers(1, 30), **plain})
    items = row.map(lambda values: Item(**values))  # type: ignore[arg-type]
    return with_reversals(st.lists(items, max_size=12, unique_by=lambda item: item.pk))


def live_rows(side: Side, items: list[Item]) -> list[LiveRow]:
    now = timezone.now()
    return [LiveRow(side, i.pk, i.reference, i.currency, i.amount, i.on, now) for i in items]


def expected(left: list[Item], right: list[Item], rules: Rules) -> Found:
    kinds = {kind.value for kind in KINDS}
    return [
        (p.side.value, p.pk, p.bucket.value, p.group_id, p.partner_id, p.delta)
        if p.bucket.value in kinds and p.pass_name in kinds
        else (p.side.value, p.pk, "", None, None, 0)
        for p in match(left, right, rules)
    ]


def kept(channel: Channel) -> Found:
    columns = ("side", "item_id", "bucket", "group_id", "partner_id", "delta")
    return list(
        LiveItem.objects.filter(channel=channel)
        .values_list(*columns)
        .order_by("side", "item_id")
    )


@pytest.mark.parametrize("rules", [CALENDAR_DAYS, BUSINESS_DAYS], ids=["days", "business"])
def test_three_engines_find_the_same_whatever_the_order(rules: Rules) -> None:
    channel = make_books()

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(left=rows(), right=rows(), seed=st.integers(0, 9))
    def check(left: list[Item], right: list[Item], seed: int) -> None:
        coming = live_rows(Side.BOOK, left) + live_rows(Side.STATEMENT, right)
        random.Random(seed).shuffle(coming)  # noqa: S311  (no secret)
        with transaction.atomic():
            for start in range(0, len(coming), 3):
                match_rows(channel.pk, rules, coming[start : start + 3])
            found = kept(channel)
            transaction.set_rollback(True)
        assert found == expected(left, right, rules)
        assert run_duck(left, right, rules) == match(left, right, rules)

    check()


def test_a_row_that_comes_again_changes_nothing() -> None:
    channel = make_books()
    coming = live_rows(Side.BOOK, [row(1, "A1", "10")]) + live_rows(
        Side.STATEMENT, [row(1, "A1", "10")]
    )

    match_rows(channel.pk, DEFAULT, coming)
    first = LiveItem.objects.get(side="book").matched_at
    match_rows(channel.pk, DEFAULT, coming[:1])

    assert [bucket for _, _, bucket, *_ in kept(channel)] == ["exact", "exact"]
    assert LiveItem.objects.get(side="book").matched_at == first


def test_a_nearer_counterpart_that_comes_later_takes_the_place_of_another() -> None:
    channel = make_books()
    match_rows(channel.pk, DEFAULT, live_rows(Side.BOOK, [row(1, "A1", "10")]))
    match_rows(channel.pk, DEFAULT, live_rows(Side.STATEMENT, [row(1, "A1", "10", days=2)]))
    assert {bucket for _, _, bucket, *_ in kept(channel)} == {"date"}

    match_rows(channel.pk, DEFAULT, live_rows(Side.STATEMENT, [row(2, "A1", "10")]))

    assert [bucket for _, _, bucket, *_ in kept(channel)] == ["exact", "duplicate", "exact"]


def test_rows_of_other_references_are_left_alone() -> None:
    channel = make_books()
    keep_rows(channel.pk, DEFAULT, live_rows(Side.BOOK, [row(1, "A1", "10"), row(2, "", "10")]))
    keep_rows(
        channel.pk, DEFAULT, live_rows(Side.STATEMENT, [row(1, "A1", "10"), row(2, "", "10")])
    )

    match_references(channel.pk, DEFAULT, {"B2", ""})

    assert {bucket for _, _, bucket, *_ in kept(channel)} == {""}


def test_a_statement_is_rather_later_than_earlier() -> None:
    channel = make_books()
    match_rows(channel.pk, DEFAULT, live_rows(Side.BOOK, [row(1, "A1", "10", days=2)]))
    near = [row(1, "A1", "10", days=1), row(2, "A1", "10", days=3)]
    match_rows(channel.pk, DEFAULT, live_rows(Side.STATEMENT, near))

    assert [partner for _, pk, _, _, partner, _ in kept(channel) if pk == 2] == [1]
    assert expected([row(1, "A1", "10", days=2)], near, DEFAULT) == kept(channel)


def test_a_row_and_its_reversal_stand_until_a_third_row_or_the_other_side_comes() -> None:
    channel = make_books()

    def coming(side: Side, pk: int, amount: str) -> list[str]:
        match_rows(channel.pk, DEFAULT, live_rows(side, [row(pk, "A1", amount)]))
        return [bucket for _, _, bucket, *_ in kept(channel)]

    coming(Side.BOOK, 1, "9")
    assert coming(Side.BOOK, 2, "-9") == ["reversal"] * 2
    assert coming(Side.BOOK, 3, "9") == [""] * 3
    assert coming(Side.STATEMENT, 1, "9") == ["exact", "reversal", "reversal", "exact"]


def test_reversed_lines_with_negative_keys_have_a_negative_name() -> None:
    channel = make_books()
    lines = [row(-5, "A1", "9"), row(-8, "A1", "-9")]

    match_rows(channel.pk, DEFAULT, live_rows(Side.STATEMENT, lines))

    assert {group for _, _, _, group, *_ in kept(channel)} == {-5}


@pytest.mark.parametrize(
    "rows",
    [
        [row(pk, "A1", amount) for pk, amount in enumerate(("9", "-9", "9", "-9"), 1)],
        [row(1, "A1", "9"), row(2, "A1", "-9", days=8)],
        [row(1, "A1", "9"), row(2, "A1", "-9", currency="USD")],
        [row(1, "A1", "9"), row(2, "A1", "9")],
        [row(1, "A1", "0"), row(2, "A1", "0")],
    ],
    ids=["two of each", "far apart", "currencies", "one sign", "nothing"],
)
def test_what_is_no_row_and_its_reversal_stays_open(rows: list[Item]) -> None:
    channel = make_books()

    match_rows(channel.pk, DEFAULT, live_rows(Side.BOOK, rows))

    assert kept(channel) == expected(rows, [], DEFAULT)
    assert {bucket for _, _, bucket, *_ in kept(channel)} == {""}


def test_a_reference_is_found_at_once_among_rows_of_which_the_planner_knows_nothing() -> None:
    channel = make_books()
    for pk in range(1, 8):
        match_rows(channel.pk, DEFAULT, live_rows(Side.BOOK, [row(pk, f"A{pk}", "10")]))
    many = [row(pk, f"A{pk}", "10") for pk in range(8, 4_000)]
    keep_rows(channel.pk, DEFAULT, live_rows(Side.BOOK, many))
    coming = live_rows(Side.STATEMENT, [row(pk, f"A{pk}", "10") for pk in range(1_001, 1_031)])
    before = rows_read()

    match_rows(channel.pk, DEFAULT, coming)

    assert rows_read() - before < 2_000
    assert [bucket for *_, bucket, _, _, _ in kept(channel)].count("exact") == 60


def rows_read() -> int:
    """Return how many live rows this transaction has read, by any index or by none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables"
            " WHERE relname = 'reconciliation_liveitem'"
        )
        return int(cursor.fetchone()[0])
