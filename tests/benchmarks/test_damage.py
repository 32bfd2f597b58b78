"""Known damage of a bank's transactions lands where it must, on a file of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.ledgers.services.verification import verify_inside_a_transaction
from benchmarks._damage import EXPECTED, damaged, read_transactions, statement_lines
from benchmarks.damage import reconcile
from benchmarks.import_journal import make_file

EACH = 3


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """Return a file of transactions."""
    path = tmp_path / "bank.csv"
    make_file(path, 160)
    return path


@pytest.mark.django_db
def test_every_kind_of_damage_lands_in_its_bucket_and_the_period_is_signed_off(
    bank: Path,
) -> None:
    landed = reconcile(bank, "damage", each=EACH)

    assert landed.right == landed.kinds == dict.fromkeys(EXPECTED, EACH)
    assert landed.others == {"exact exact": 160 - EACH * len(EXPECTED)}
    assert landed.signed.state == "signed"
    outcomes = verify_inside_a_transaction(landed.run.channel.ledger_id)
    assert {o.name: o.findings for o in outcomes if o.count} == {}


def test_the_copy_tells_all_but_what_was_dropped_and_doubled(bank: Path) -> None:
    rows = read_transactions(bank)

    copy, kinds = damaged(rows, EACH)

    told = [one.reference for one in copy]
    assert {row.reference for row in rows} - set(told) == {
        reference for reference, kind in kinds.items() if kind == "dropped"
    }
    last = list(statement_lines(copy))[-1]
    assert last.rstrip().endswith(f",{sum(one.amount for one in copy)}")
