"""A row and its reversal: two opposite rows of one side, and only where there is no third."""

from __future__ import annotations

import pytest

from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.domain.items import Item
from apps.reconciliation.domain.matcher import match
from apps.reconciliation.domain.rules import DEFAULT_PASSES, Rules, digest_of, read_rules
from tests.reconciliation.rows import CONFIRMING, DEFAULT, found, row
from tests.reconciliation.test_duck_engine import run_duck

WITHOUT = read_rules([step for step in DEFAULT_PASSES if step["kind"] != "reversal"])
BUSINESS = read_rules(
    [{"kind": "exact"}, {"kind": "reversal", "days": 2}],
    {"business_days": True, "holidays": ["2026-10-05"]},
)


def both(left: list[Item], right: list[Item], rules: Rules = CONFIRMING) -> dict[str, str]:
    """Return the buckets that the reference matcher finds, and see that DuckDB finds them."""
    assert run_duck(left, right, rules) == match(left, right, rules)
    return found(left, right, rules)


def test_an_entry_and_its_reversal_are_a_group_of_the_books() -> None:
    placed = match([row(7, "X", "9.00"), row(4, "X", "-9.00", 5)], [], CONFIRMING)

    assert [(p.pk, p.bucket.value, p.group_id, p.partner_id, p.delta) for p in placed] == [
        (4, "reversal", 4, None, 0), (7, "reversal", 4, None, 0),
    ]  # fmt: skip


def test_a_payment_and_its_return_are_a_group_of_the_statement_with_a_negative_name() -> None:
    placed = match([], [row(7, "X", "-9.00"), row(4, "x", "9.00", 5)], CONFIRMING)

    assert [(p.side, p.pk, p.bucket.value, p.group_id) for p in placed] == [
        (Side.STATEMENT, 4, "reversal", -4), (Side.STATEMENT, 7, "reversal", -4),
    ]  # fmt: skip


def test_what_the_other_side_has_goes_first() -> None:
    left = [row(1, "X", "9.00"), row(2, "X", "-9.00", 1), row(3, "X", "9.00", 1)]

    assert both(left, [row(1, "X", "9.00")]) == {
        "L1": "exact", "R1": "exact", "L2": "reversal", "L3": "reversal",
    }  # fmt: skip
    assert set(both(left[:2], [row(1, "X", "9.00", 1), row(2, "X", "-9.00", 2)]).values()) == {
        "date"
    }


@pytest.mark.parametrize("amount", ["9.00", "-9.00"])
def test_a_third_row_of_the_amount_leaves_all_open(amount: str) -> None:
    rows = [row(1, "X", "9.00"), row(2, "X", "-9.00"), row(3, "X", amount, 60)]

    assert set(both(rows, []).values()) == {"missing_ext"}
    assert set(both([], rows).values()) == {"missing_int"}


def test_two_of_each_are_not_told_apart_by_their_days() -> None:
    rows = [row(pk, "X", "9.00" if pk % 2 else "-9.00", pk // 3) for pk in (1, 2, 3, 4)]

    assert set(both(rows, []).values()) == {"missing_ext"}


def test_seven_days_are_near_and_eight_are_not() -> None:
    assert set(both([row(1, "X", "9"), row(2, "X", "-9", 7)], []).values()) == {"reversal"}
    assert set(both([row(1, "X", "9"), row(2, "X", "-9", 8)], []).values()) == {"missing_ext"}


def test_weekends_and_holidays_do_not_count_as_business_days() -> None:
    # The first is a Thursday; the holiday is the Monday after it.
    assert set(both([row(1, "X", "9"), row(2, "X", "-9", 5)], [], BUSINESS).values()) == {
        "reversal"
    }
    assert set(both([row(1, "X", "9"), row(2, "X", "-9", 6)], [], BUSINESS).values()) == {
        "missing_ext"
    }


@pytest.mark.parametrize(
    "other",
    [
        row(2, "Y", "-9.00"),
        row(2, "X", "-9.01"),
        row(2, "X", "-9.00", currency="USD"),
        row(2, "X", "9.00"),
    ],
    ids=["reference", "amount", "currency", "sign"],
)
def test_what_is_not_exactly_opposite_stays_open(other: Item) -> None:
    assert set(both([row(1, "X", "9.00"), other], []).values()) == {"missing_ext"}


def test_rows_without_reference_and_rows_of_nothing_stay_open() -> None:
    nothing = [row(1, "", "9.00"), row(2, "", "-9.00"), row(3, "X", "0"), row(4, "X", "0")]

    assert set(both(nothing, []).values()) == {"missing_ext"}


def test_each_side_is_for_itself() -> None:
    one, other = [row(1, "X", "9")], [row(1, "X", "-9")]

    assert set(both(one, other, DEFAULT).values()) == {"sign_break"}


def test_rules_of_before_have_no_such_pass_and_find_what_they_found() -> None:
    said = digest_of([{"kind": "exact"}, {"kind": "date", "days": 3}], {})

    assert said == "030411afa0375bb7802049e24ceecd946864d805eec3e7decf2fb56a64325b3c"
    assert both([row(1, "X", "9"), row(2, "X", "-9")], [], WITHOUT) == {
        "L1": "missing_ext", "L2": "missing_ext",
    }  # fmt: skip
