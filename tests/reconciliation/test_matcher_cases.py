"""The twelve cases that fix what matching means: rows of the books L, of statements R."""

from __future__ import annotations

from apps.reconciliation.domain.matcher import match
from tests.reconciliation.rows import CONFIRMING, found, row


def test_1_spelling_of_a_reference_does_not_count() -> None:
    left, right = [row(1, "TXN2026-0001", "100.00")], [row(1, "txn 2026 0001", "100")]

    assert found(left, right) == {"L1": "exact", "R1": "exact"}


def test_2_full_width_characters_are_the_same() -> None:
    left, right = (
        [row(1, "TXN00000002", "1234.50")],
        [row(1, "ＴＸＮ０００００００２", "1,234.50")],
    )

    assert found(left, right) == {"L1": "exact", "R1": "exact"}


def test_3_three_days_are_a_match_and_four_a_break() -> None:
    left = [row(1, "X01", "5.00"), row(2, "X02", "5.00")]
    right = [row(1, "X01", "5.00", 3), row(2, "X02", "5.00", 4)]

    assert found(left, right) == {
        "L1": "date", "R1": "date", "L2": "date_break", "R2": "date_break",
    }  # fmt: skip


def test_4_fifty_minor_units_are_tolerated_and_fifty_one_not() -> None:
    left = [row(1, "X01", "100.00"), row(2, "X02", "100.00")]
    placed = match(left, [row(1, "X01", "99.50"), row(2, "X02", "99.49")], CONFIRMING)

    assert [(p.pk, p.bucket.value, p.delta) for p in placed if p.side == "statement"] == [
        (1, "tolerance", -50), (2, "amount_break", -51),
    ]  # fmt: skip


def test_5_what_comes_twice_is_a_duplicate_of_the_first() -> None:
    placed = match(
        [row(1, "X", "10.00")], [row(1, "X", "10.00"), row(2, "X", "10.00")], CONFIRMING
    )

    assert [(p.pk, p.bucket.value, p.group_id) for p in placed] == [
        (1, "exact", 1), (1, "exact", 1), (2, "duplicate", 1),
    ]  # fmt: skip


def test_6_twins_on_both_sides_are_no_duplicates() -> None:
    twins = [row(1, "X", "3.50"), row(2, "X", "3.50")]

    assert set(found(twins, twins).values()) == {"exact"}


def test_7_equal_rows_go_by_key_whatever_the_order_of_the_file() -> None:
    left = [row(1, "X", "3.50"), row(2, "X", "3.50")]
    placed = match(left, [row(pk, "X", "3.50") for pk in (9, 4, 7)], CONFIRMING)

    assert [(p.pk, p.bucket.value, p.group_id) for p in placed if p.side == "statement"] == [
        (4, "exact", 1), (7, "exact", 2), (9, "duplicate", 1),
    ]  # fmt: skip


def test_8_a_duplicate_may_come_a_day_later() -> None:
    right = [row(1, "X", "8.00"), row(2, "X", "8.00", 1)]

    assert found([row(1, "X", "8.00")], right)["R2"] == "duplicate"


def test_9_the_same_day_goes_before_another() -> None:
    left = [row(1, "X", "8.00", 0), row(2, "X", "8.00", 1)]
    placed = match(left, [row(1, "X", "8.00", 1), row(2, "X", "8.00", 2)], CONFIRMING)

    assert [(p.pk, p.bucket.value, p.group_id) for p in placed if p.side == "statement"] == [
        (1, "exact", 2), (2, "date", 1),
    ]  # fmt: skip


def test_10_one_row_is_paid_by_three() -> None:
    right = [row(1, "X", "30.00"), row(2, "X", "30.00"), row(3, "X", "40.00", 1)]

    assert set(found([row(1, "X", "100.00")], right).values()) == {"group"}


def test_11_a_batch_with_a_refund_is_many_to_many() -> None:
    left = [row(1, "B", "60"), row(2, "B", "50"), row(3, "B", "-10")]

    assert set(found(left, [row(1, "B", "70"), row(2, "B", "30")]).values()) == {"group"}


def test_12_a_part_that_lacks_matches_nothing_by_halves() -> None:
    right = [row(1, "X", "30.00"), row(2, "X", "30.00")]

    assert set(found([row(1, "X", "100.00")], right).values()) == {"amount_break"}
