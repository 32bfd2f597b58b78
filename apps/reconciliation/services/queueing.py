"""Whose turn it is: the first run of every organization, then the second of every one.

Nobody waits behind another organization's whole queue. What works already counts as a turn.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from apps.reconciliation.models import ReconciliationRun


def in_turn() -> list[int]:
    """Return all runs that wait or work in the order of their turns."""
    turn = Window(RowNumber(), partition_by=F("channel__organization"), order_by=F("pk").asc())
    runs = ReconciliationRun.objects.filter(state__in=ReconciliationRun.UNFINISHED)
    return list(runs.annotate(turn=turn).order_by("turn", "pk").values_list("pk", flat=True))


def places_of(runs: Iterable[ReconciliationRun]) -> dict[int, int]:
    """Return, for those of some runs that wait, behind how many others each is queued."""
    waiting = [run.pk for run in runs if run.state == ReconciliationRun.State.CREATED]
    places = {pk: place for place, pk in enumerate(in_turn())} if waiting else {}
    return {pk: places.get(pk, 0) for pk in waiting}


def runs_before(run: ReconciliationRun) -> int:
    """Return behind how many other runs this one is queued."""
    return places_of([run]).get(run.pk, 0)
