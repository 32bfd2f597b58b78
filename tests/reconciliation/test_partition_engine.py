"""A run by parts finds what one over all rows finds, into however many parts it is split."""

from __future__ import annotations

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from apps.reconciliation.clients.duck import engine_of
from apps.reconciliation.clients.duck_partition import FinalEngine, PartitionEngine, split
from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.domain.items import Item, Placed
from apps.reconciliation.domain.matcher import match
from apps.reconciliation.domain.partitions import later_passes, local_passes, partitions_of
from apps.reconciliation.domain.rules import Rules, read_rules
from tests.reconciliation.rows import DEFAULT
from tests.reconciliation.test_duck_engine import (
    BATCHES,
    SETTLED,
    STATEMENTS,
    fields_of,
    rows,
    with_own_text,
)

LATE_DUPLICATES = read_rules([
    {"kind": "exact"},
    {"kind": "date", "days": 2},
    {"kind": "textref", "shortest": 5, "days": 3},
    {"kind": "reversal", "days": 1},
    {"kind": "duplicate", "days": 2},
    {"kind": "tolerance", "absolute": 60, "days": 2},
    {"kind": "duplicate", "days": 4},
])  # fmt: skip
DIGITS = {"CNY": 2, "USD": 2}
# Each example is many databases; the rows of a failing one are few already.
WITHOUT_SHRINKING = (Phase.explicit, Phase.generate)


def write_rows(folder: Path, left: list[Item], right: list[Item]) -> list[tuple[str, int, int]]:
    """Write the files of a run and return its known duplicates."""
    prior = []
    for side, items in ((Side.BOOK, left), (Side.STATEMENT, right)):
        with (folder / f"{side}.csv").open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows(fields_of(side, item) for item in items)
        with (folder / f"settled_{side}.csv").open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows(
                (s.pk, s.reference, "", s.currency, f"{s.amount}e-2", s.on, s.group_id)
                for s in SETTLED
                if s.side == side
            )
        prior += [
            (side.value, item.pk, item.prior_group)
            for item in items
            if item.prior_group is not None
        ]
    return prior


def run_parts(left: list[Item], right: list[Item], rules: Rules, parts: int) -> list[Placed]:
    """Return what all parts and the last step find."""
    found: list[Placed] = []
    with TemporaryDirectory() as name:
        folder, last = Path(name) / "all", Path(name) / "last"
        folder.mkdir()
        last.mkdir()
        prior = write_rows(folder, left, right)
        split(folder, rules, DIGITS, parts, memory_mb=192)
        for side in Side:
            (last / f"{side}.csv").touch()
        for number in range(1, parts + 1):
            part = Path(name) / str(number)
            part.mkdir()
            for file in (*Side, *(f"settled_{side}" for side in Side)):
                paths = sorted((folder / f"{file}.parts" / f"part={number}").glob("*"))
                (part / f"{file}.csv").write_bytes(b"".join(map(Path.read_bytes, paths)))
            found += _run_part(part, last, rules)
        with engine_of(FinalEngine, last, rules, DIGITS) as duck:
            duck.load(prior=prior)
            duck.run()
            found += duck.placed()
    return sorted(found, key=lambda row: (row.side, row.pk))


def _run_part(part: Path, last: Path, rules: Rules) -> list[Placed]:
    with engine_of(PartitionEngine, part, rules, DIGITS) as duck:
        duck.load()
        duck.run()
        assert duck.prove() == []
        duck.leave()
        for side in Side:
            _add(part / f"open_{side}.csv", last / f"{side}.csv")
        _add(part / "originals.csv", last / "originals.csv")
        return duck.placed()


def _add(source: Path, target: Path) -> None:
    if source.exists():
        with target.open("ab") as file:
            file.write(source.read_bytes())


@pytest.mark.parametrize(
    "rules", [DEFAULT, BATCHES, LATE_DUPLICATES], ids=["default", "batches", "late duplicates"]
)
@settings(max_examples=12, phases=WITHOUT_SHRINKING, deadline=None, derandomize=True)
@given(left=rows(), right=STATEMENTS, parts=st.sampled_from([1, 2, 3, 7]))
def test_parts_find_what_the_reference_matcher_finds(
    rules: Rules, left: list[Item], right: list[Item], parts: int
) -> None:
    expected = match(map(with_own_text, left), map(with_own_text, right), rules, SETTLED)

    assert run_parts(left, right, rules, parts) == expected


def test_passes_from_the_first_that_needs_all_rows_are_done_over_what_is_left() -> None:
    kinds = [[step.kind for step in half(DEFAULT)] for half in (local_passes, later_passes)]

    assert kinds[0] == ["exact", "date", "reversal", "duplicate", "group", "tolerance"]
    assert kinds[1][0] == "textref"
    assert [step.kind for step in local_passes(BATCHES)] == ["exact", "date"]


def test_a_run_has_as_many_partitions_as_its_rows_need() -> None:
    assert [partitions_of(rows, 4) for rows in (0, 4, 5, 28)] == [1, 1, 2, 7]
