"""Runs that are signed off: nobody changes their results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.reconciliation.errors import MatchIsFixed
from apps.reconciliation.models import SignOff

if TYPE_CHECKING:
    from collections.abc import Iterable


def assert_not_signed_off(runs: Iterable[int]) -> None:
    """Check that the results of runs may still change; PostgreSQL refuses it in any case.

    Raises:
        MatchIsFixed: a sign-off of one of them is in force.
    """
    if SignOff.objects.in_force().filter(run__in=set(runs)).exists():
        raise MatchIsFixed
