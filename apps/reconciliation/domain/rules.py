"""Matching rules: passes in order, read from JSON and checked.

    [{"kind": "exact"},
     {"kind": "date", "days": 3},
     {"kind": "reversal", "days": 7},
     {"kind": "duplicate", "days": 3},
     {"kind": "group", "days": 7, "key": "reference", "absolute": 0, "most": 200},
     {"kind": "tolerance", "absolute": 50, "basis_points": 20, "days": 3},
     {"kind": "textref", "shortest": 6, "days": 5},
     {"kind": "suggest_fuzzy", "score": 85, "days": 5},
     {"kind": "suggest_amount", "days": 3},
     {"kind": "suggest_subset", "days": 3, "most": 12}]

`absolute` is in minor units, `basis_points` in hundredths of a percent; of both the narrower
counts. Only the first seven confirm by themselves: their keys hold the reference.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from apps.reconciliation.domain.calendars import Calendar
from apps.reconciliation.rule_errors import (
    ExactComesFirst,
    InvalidRules,
    SuggestionsComeLast,
)

MOST_PASSES = 20
MOST_DAYS = 60
# A key or amount with more possible pairs than this is left to people.
MOST_PAIRS = 10_000
BOOK_REFERENCES = ("line", "entry", "key")
_PREFIX_LENGTH = 12


class Kind(StrEnum):
    """What a pass does."""

    EXACT = "exact"
    DATE = "date"
    REVERSAL = "reversal"
    DUPLICATE = "duplicate"
    GROUP = "group"
    TOLERANCE = "tolerance"
    TEXTREF = "textref"
    SUGGEST_FUZZY = "suggest_fuzzy"
    SUGGEST_AMOUNT = "suggest_amount"
    SUGGEST_SUBSET = "suggest_subset"


SUGGESTIONS = (Kind.SUGGEST_FUZZY, Kind.SUGGEST_AMOUNT, Kind.SUGGEST_SUBSET)


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass; what its kind does not know stays at its default."""

    kind: Kind
    days: int = 0
    key: str = "reference"
    absolute: int | None = None
    basis_points: int | None = None
    shortest: int = 6
    score: int = 85
    most: int = 200

    def allowed(self, amount: int) -> int:
        """Return by how much the other amount may differ, in minor units."""
        bounds = [] if self.absolute is None else [self.absolute]
        if self.basis_points is not None:
            bounds.append(abs(amount) * self.basis_points // 10_000)
        return min(bounds, default=0)


@dataclass(frozen=True, slots=True)
class Rules:
    """All that decides how rows are matched.

    `book_reference` is which text of the books holds the reference, `prefixes` how one begins
    inside a longer text; without any the whole text is it.
    """

    passes: tuple[Pass, ...]
    calendar: Calendar = field(default_factory=Calendar)
    book_reference: str = "line"
    prefixes: tuple[str, ...] = ()


DEFAULT_PASSES: list[dict[str, Any]] = [
    {"kind": "exact"},
    {"kind": "date", "days": 3},
    {"kind": "reversal", "days": 7},
    {"kind": "duplicate", "days": 3},
    {"kind": "group", "days": 7, "absolute": 0},
    {"kind": "tolerance", "absolute": 50, "days": 3},
    {"kind": "textref", "shortest": 6, "days": 5},
    {"kind": "suggest_fuzzy", "score": 85, "days": 5},
    {"kind": "suggest_amount", "days": 3},
    {"kind": "suggest_subset", "days": 3, "most": 12},
]

# field → lowest, highest, for each kind.
_DAYS = (0, MOST_DAYS)
_MONEY = (0, 10**9)
FIELDS: dict[Kind, dict[str, tuple[int, int]]] = {
    Kind.EXACT: {},
    Kind.DATE: {"days": _DAYS},
    Kind.REVERSAL: {"days": _DAYS},
    Kind.DUPLICATE: {"days": _DAYS},
    Kind.GROUP: {"days": _DAYS, "absolute": _MONEY, "most": (2, 1_000)},
    Kind.TOLERANCE: {"days": _DAYS, "absolute": _MONEY, "basis_points": (0, 1_000)},
    Kind.TEXTREF: {"days": _DAYS, "shortest": (4, 40)},
    Kind.SUGGEST_FUZZY: {"days": _DAYS, "score": (50, 100)},
    Kind.SUGGEST_AMOUNT: {"days": _DAYS},
    Kind.SUGGEST_SUBSET: {"days": _DAYS, "most": (2, 24)},
}


def read_rules(passes: object, options: Mapping[str, Any] | None = None) -> Rules:
    """Return the rules of their JSON.

    Raises:
        InvalidRules: a pass or an option is not one that is known; says which and why.
    """
    if not isinstance(passes, list) or not 1 <= len(passes) <= MOST_PASSES:
        raise InvalidRules(place="passes", problem=f"a list of 1 to {MOST_PASSES}")
    read = tuple(_read_pass(number, raw) for number, raw in enumerate(passes, 1))
    _check_order(read)
    return Rules(read, *_read_options(options or {}))


def digest_of(passes: object, options: Mapping[str, Any]) -> str:
    """Return SHA-256 of what rules say, however their JSON orders its names."""
    said = {"passes": passes, "options": dict(options)}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _read_pass(number: int, raw: object) -> Pass:
    if not isinstance(raw, dict) or raw.get("kind") not in list(Kind):
        raise InvalidRules(place=number, problem=f"kind: {', '.join(Kind)}")
    kind = Kind(raw["kind"])
    known = FIELDS[kind]
    key = raw.get("key", "reference")
    if key not in {"reference", "batch"} or (key == "batch" and kind != Kind.GROUP):
        raise InvalidRules(place=number, problem="key: reference, batch (group)")
    values: dict[str, int] = {}
    for name, value in raw.items():
        if name in {"kind", "key"}:
            continue
        low, high = known.get(name, (1, 0))
        if type(value) is not int or not low <= value <= high:
            wanted = f"{name}: {low}…{high}" if name in known else f"{name}?"
            raise InvalidRules(place=number, problem=wanted)
        values[name] = value
    return Pass(kind, key=key, **values)


def _check_order(passes: Sequence[Pass]) -> None:
    """Let exact pairs come first, as all engines find them, and suggestions last."""
    kinds = [step.kind for step in passes]
    is_suggestion = [kind in SUGGESTIONS for kind in kinds]
    if is_suggestion != sorted(is_suggestion):
        number = is_suggestion.index(True) + 1
        raise SuggestionsComeLast(place=number)
    if kinds[0] != Kind.EXACT:
        raise ExactComesFirst(place=1)


def _read_options(options: Mapping[str, Any]) -> tuple[Calendar, str, tuple[str, ...]]:
    unknown = set(options) - {"business_days", "holidays", "book_reference", "prefixes"}
    if unknown:
        raise InvalidRules(place="options", problem=f"{min(unknown)}?")
    book = options.get("book_reference", "line")
    if book not in BOOK_REFERENCES:
        raise InvalidRules(place="book_reference", problem=", ".join(BOOK_REFERENCES))
    prefixes = options.get("prefixes", [])
    if not isinstance(prefixes, list) or not all(_is_prefix(prefix) for prefix in prefixes):
        raise InvalidRules(place="prefixes", problem="A-Z, 0-9")
    try:
        holidays = tuple(date.fromisoformat(day) for day in options.get("holidays", []))
    except (TypeError, ValueError) as error:
        raise InvalidRules(place="holidays", problem="2026-10-01") from error
    calendar = Calendar(bool(options.get("business_days")), holidays)
    return calendar, book, tuple(prefixes)


def _is_prefix(text: object) -> bool:
    """Say whether a text is safe inside a pattern: capitals and digits alone."""
    return (
        isinstance(text, str)
        and text.isascii()
        and text.isalnum()
        and text == text.upper()
        and len(text) <= _PREFIX_LENGTH
    )
