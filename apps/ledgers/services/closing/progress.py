"""How the steps of a close say how far they are.

A step calls `tell` with the number of parts that it has finished since the last call. The job
behind it raises there when somebody stopped it, and the transaction of the step is taken back.
"""

from __future__ import annotations

from collections.abc import Callable

Tell = Callable[[int], None]


def quietly(_count: int) -> None:
    """Tell nobody."""
