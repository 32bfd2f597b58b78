"""A row is split while a run has read it already: the run reads again and ends well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from apps.organizations.models import User
from apps.reconciliation.models import Break
from apps.reconciliation.services import break_splitting, rereading, running
from apps.reconciliation.services.break_splitting import undo_split
from apps.reconciliation.services.loading import write_files
from apps.reconciliation.services.run_pages import findings_of
from apps.reconciliation.services.starting import resume_run
from apps.statements.models import Channel
from tests.reconciliation.test_break_splitting import buckets, make_open, split, the_line
from tests.reconciliation.test_partitions import do_partitions
from tests.reconciliation.world import run_now

pytestmark = pytest.mark.django_db
WHOLE = [("statement", Decimal(100), "missing_int")]
PARTS = [("statement", Decimal(40), "missing_int"), ("statement", Decimal(60), "missing_int")]
Step = Callable[[], object]


def happen_after_reading(monkeypatch: pytest.MonkeyPatch, steps: Iterator[Step]) -> None:
    """Let what had looked for runs before ours was there be committed once ours has read."""
    read = write_files

    def read_then_step(*values: Any) -> list[Any]:
        prior = read(*values)
        with monkeypatch.context() as patch:
            patch.setattr(break_splitting, "require_free", lambda *_values: None)
            next(steps, lambda: None)()
        return prior

    monkeypatch.setattr(running, "write_files", read_then_step)


def splitting(user: User) -> Step:
    """Return the step of splitting the line."""
    return lambda: split(the_line(), "60.00", "40.00", actor=user)


def made_split() -> tuple[Channel, Step]:
    """Return a channel whose line is split, and the step of undoing that."""
    channel, user = make_open()
    made = split(the_line(), "60.00", "40.00", actor=user)
    return channel, lambda: undo_split(made, version=1, actor=user, reason="wrong")


def test_a_run_that_read_a_row_which_is_split_meanwhile_ends_with_its_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channel, user = make_open()
    happen_after_reading(monkeypatch, iter([splitting(user)]))

    run = run_now(channel)

    assert (run.state, run.statement_count, buckets()) == ("review", 2, PARTS)
    call_command("verify_books")


def test_a_run_that_read_parts_which_are_put_back_meanwhile_ends_with_the_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channel, undo = made_split()
    happen_after_reading(monkeypatch, iter([undo]))

    run = run_now(channel)

    assert (run.state, run.statement_count, buckets()) == ("review", 1, WHOLE)
    call_command("verify_books")


def test_a_run_in_partitions_that_read_a_row_which_is_split_meanwhile_is_cut_anew(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel, user = make_open(("T-1", "60.00"), ("T-2", "1.00"))
    settings.RECONCILIATION_PARTITION_ROWS = 1
    happen_after_reading(monkeypatch, iter([splitting(user)]))

    run = run_now(channel)
    do_partitions(run)
    assert run.state == "matching"
    do_partitions(run)

    assert (run.state, run.statement_count) == ("review", 2)
    assert Break.objects.get(side="statement", amount=60).resolution == "matched"
    call_command("verify_books")


def test_a_run_reads_again_only_so_often_and_can_be_resumed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channel, user = make_open()
    monkeypatch.setattr(rereading, "MOST_READINGS", 1)
    with monkeypatch.context() as patch:
        happen_after_reading(patch, iter([splitting(user)]))
        run = run_now(channel)

    assert (run.state, buckets()) == ("failed", PARTS)
    assert "again and again" in findings_of(run).failure
    resume_run(run, actor=run.created_by)
    running.run_reconciliation(run.pk)
    run.refresh_from_db()
    assert (run.state, buckets()) == ("review", PARTS)
