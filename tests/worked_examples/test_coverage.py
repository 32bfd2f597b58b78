"""The table of worked examples names tests that exist, and none of ours is missing from it."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
TESTS = HERE.parent
CLOSING = ("closing", "reopening", "revaluation", "delta_ledger", "correction")


def names_in(*files: Path) -> set[str]:
    """Return the tests that files define."""
    texts = (file.read_text(encoding="utf-8") for file in files)
    return {
        name for text in texts for name in re.findall(r"^def (test_\w+)", text, re.MULTILINE)
    }


def named() -> set[str]:
    """Return the tests that the table names."""
    table = (HERE / "README.md").read_text(encoding="utf-8")
    return set(re.findall(r"`(test_\w+)`", table))


def test_every_test_in_the_table_exists() -> None:
    assert named() - names_in(*TESTS.rglob("test_*.py")) == set()


def test_every_worked_example_of_closing_is_in_the_table() -> None:
    files = [HERE / f"test_{name}_examples.py" for name in CLOSING]
    covered_by_others = {"test_a_year_that_is_closed_has_the_next_one_open_and_can_be_locked"}

    assert names_in(*files) - named() == covered_by_others
