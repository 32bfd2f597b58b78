"""DuckDB finds what the reference matcher finds, whatever the rows and their order."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.reconciliation.clients import duck_results
from apps.reconciliation.clients.duck import engine
from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.domain.items import Item, Placed, Settled
from apps.reconciliation.domain.matcher import match
from apps.reconciliation.domain.rules import DEFAULT_PASSES, Rules, read_rules
from tests.reconciliation.rows import DEFAULT, D

BATCHES = read_rules([
    {"kind": "exact"},
    {"kind": "date", "days": 2},
    {"kind": "group", "days": 4, "key": "batch", "absolute": 5},
    {"kind": "reversal", "days": 2},
    {"kind": "duplicate", "days": 1},
    {"kind": "tolerance", "absolute": 60, "basis_points": 500, "days": 2},
    {"kind": "group", "days": 3, "most": 4},
], {"business_days": True, "holidays": ["2026-10-02"]})  # fmt: skip


def run_duck(
    left: list[Item], right: list[Item], rules: Rules, settled: tuple[Settled, ...] = ()
) -> list[Placed]:
    """Return what DuckDB finds for rows in files."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for side, items in ((Side.BOOK, left), (Side.STATEMENT, right)):
            with (folder / f"{side}.csv").open("w", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerows(fields_of(side, item) for item in items)
        prior = [
            (side.value, item.pk, item.prior_group)
            for side, items in ((Side.BOOK, left), (Side.STATEMENT, right))
            for item in items
            if item.prior_group is not None
        ]
        with engine(folder, rules, {"CNY": 2, "USD": 2}) as duck:
            duck.load(settled, prior)
            duck.run()
            assert duck.prove() == []
            return duck.placed()


def fields_of(side: Side, item: Item) -> list[object]:
    """Return a row as its file has it."""
    fields = [item.pk, item.reference, item.text, item.currency, f"{item.amount}e-2", item.on]
    if side == Side.BOOK:
        return fields
    gross = r"\N" if item.gross_amount is None else f"{item.gross_amount}e-2"
    return [*fields, item.party, item.batch, f"{item.fee}e-2", gross, item.gross_currency]


REFERENCES = st.sampled_from(["", "A1", "B2", "B22222", "C33333"])
AMOUNTS = st.sampled_from([1000, 1000, 1030, 1050, 2000, 3000, -1000, -2000, 500, 0])
SHARED = {
    "reference": REFERENCES,
    "currency": st.sampled_from(["CNY", "CNY", "CNY", "USD"]),
    "amount": AMOUNTS,
    "on": st.integers(0, 6).map(lambda days: D + timedelta(days)),
    "text": st.sampled_from(["", "PAIDB22222", "C33333ACME"]),
    "prior_group": st.sampled_from([None, None, None, 7]),
}


def rows(**more: st.SearchStrategy[object]) -> st.SearchStrategy[list[Item]]:
    """Return rows with keys of their own, in any order."""
    row = st.fixed_dictionaries({"pk": st.integers(1, 40), **SHARED, **more})
    items = row.map(lambda values: Item(**values))  # type: ignore[arg-type]
    return with_reversals(st.lists(items, max_size=14, unique_by=lambda item: item.pk))


@st.composite
def with_reversals(draw: st.DrawFn, rows: st.SearchStrategy[list[Item]]) -> list[Item]:
    """Return rows of which some are reversed up to four days later, one perhaps twice."""
    items = draw(rows)
    if not items:
        return items
    undone = st.tuples(st.sampled_from(items), st.integers(0, 4))
    return items + [
        replace(item, pk=50 + place, amount=-item.amount, on=item.on + timedelta(days))
        for place, (item, days) in enumerate(draw(st.lists(undone, max_size=4)))
    ]


STATEMENTS = rows(
    party=st.sampled_from(["", "ACME"]),
    batch=st.sampled_from(["", "A1", "B2"]),
    fee=st.sampled_from([0, 30, 50]),
    gross_amount=st.sampled_from([None, 1000, 2000]),
    gross_currency=st.sampled_from(["", "CNY", "USD"]),
)
SETTLED = (
    Settled(Side.STATEMENT, 90, "A1", "CNY", 1000, D, 91),
    Settled(Side.BOOK, 91, "B2", "CNY", 2000, D + timedelta(1), 91),
)


@pytest.mark.parametrize("rules", [DEFAULT, BATCHES], ids=["default", "batches"])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(left=rows(), right=STATEMENTS)
def test_it_finds_what_the_reference_matcher_finds(
    rules: Rules, left: list[Item], right: list[Item]
) -> None:
    expected = match(map(with_own_text, left), map(with_own_text, right), rules, SETTLED)

    assert run_duck(left, right, rules, SETTLED) == expected


def with_own_text(item: Item) -> Item:
    """Let the text begin with the reference, as it does when rows are loaded."""
    return replace(item, text=item.reference + item.text)


def test_rules_refuse_what_they_do_not_know() -> None:
    assert len(read_rules(DEFAULT_PASSES).passes) == 10


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("INSERT INTO pairs SELECT * FROM pairs LIMIT 1", "a row in two pairs"),
        ("UPDATE pairs SET r = 5 - r", "an exact pair that is not equal"),
        ("UPDATE pairs SET amount = amount + 1 WHERE b = 2", "an exact pair that is not equal"),
        ("UPDATE pairs SET cur = 'USD' WHERE b = 3", "an exact pair that is not equal"),
    ],
)
def test_a_wrong_pair_is_found_in_whatever_range_of_keys_it_is(
    change: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duck_results, "ROWS_IN_FILE", 1)
    for side in Side:
        rows = [
            fields_of(side, Item(pk=pk, reference=f"R{pk}", currency="CNY", amount=pk, on=D))
            for pk in (1, 2, 3, 4)
        ]
        with (tmp_path / f"{side}.csv").open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)

    with engine(tmp_path, read_rules(DEFAULT_PASSES), {"CNY": 2, "USD": 2}) as duck:
        duck.load()
        duck.run()
        assert duck.prove() == []
        duck._duck.execute(change)

        assert problem in duck.prove()


@pytest.mark.parametrize(
    ("currency", "amount", "minor"),
    [
        ("CNY", "99999999999999.99", 9999999999999999),
        ("CNY", "-99999999999999.999", None),
        ("CNY", "9999999999.99", 999999999999),
        ("CNY", "-10000000000.01", 1000000000001),
        ("CLF", "9999999999.9999", 99999999999999),
        ("CNY", "100000000000000", 10000000000000000),
        ("CNY", "-9999999999999999.99", 999999999999999999),
        ("CNY", "9999999999999999.9950", None),
        ("CNY", "0.0100", 1),
        ("CNY", "-0.005", None),
        ("JPY", "9999999999999999", 9999999999999999),
        ("JPY", "1000.5", None),
        ("KWD", "999999999999.999", 999999999999999),
        ("KWD", "0.0001", None),
    ],
)
def test_an_amount_of_any_size_keeps_each_decimal_and_takes_no_finer_one(
    tmp_path: Path, currency: str, amount: str, minor: int | None
) -> None:
    digits = {"CNY": 2, "JPY": 0, "KWD": 3, "CLF": 4}
    (tmp_path / "book.csv").write_text("")
    (tmp_path / "statement.csv").write_text(
        f"1,REF1,,{currency},{amount},2026-01-02,,,0,\\N,\n"
    )

    with engine(tmp_path, read_rules(DEFAULT_PASSES), digits) as duck:
        duck.load()
        duck.run()

        (placed,) = duck.placed()
        ((*_key, size),) = duck.outcomes()

    assert placed.bucket == ("invalid" if minor is None else "missing_int")
    assert size == (minor or 0)
