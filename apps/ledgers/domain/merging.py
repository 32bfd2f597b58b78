"""Two versions of one list, side by side, for a person to choose from."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import TypeVar

Item = TypeVar("Item", bound=Hashable)


def pair_up(
    first: Sequence[Item], second: Sequence[Item]
) -> list[tuple[Item | None, Item | None]]:
    """Return the items of both in order; None where one side has nothing to set against.

    Equal items stand beside each other, so that an inserted line shifts no other.
    """
    pairs: list[tuple[Item | None, Item | None]] = []
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    for _tag, i_from, i_to, j_from, j_to in matcher.get_opcodes():
        pairs += zip_longest(first[i_from:i_to], second[j_from:j_to])
    return pairs
