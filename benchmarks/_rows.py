"""Rows of believable entries as text for COPY, made in chunks and always balanced.

An entry of n lines has n - 1 of them on one side and their sum on the other; amounts are
drawn in minor units, as integers. The days go from the first to the last, so that keys and
numbers grow with the date as they do in real books. Accounts are drawn by rank: the first
of the plan is in about a fifth of the lines, the last in a handful of a million.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, cycle

from benchmarks._texts import summaries

HEADER = (
    "id, ledger_id, period_id, word, number, entry_date, kind, state, source, summary, total,"
    " maker_id, checker_id, poster_id, submitted_at, approved_at, posted_at, review_note,"
    " idempotency_key, payload_hash, content_hash, version, created_at, updated_at,"
    " updated_by_id"
)
LINE = (
    "ledger_id, entry_id, position, entry_date, account_id, dimension_set_id, side,"
    " currency_id, amount, rate, base_amount, summary"
)
CHUNK = 20_000
NULL = r"\N"
_WORDS = ("general", "receipt", "payment", "transfer")
_WORD_SHARES = (25, 55, 85, 100)
_SOURCES = ("manual", "import", "system", "system")
_KINDS = ("ordinary",) * 49 + ("adjustment",)
_UNPOSTED = ("draft", "draft", "submitted", "submitted", "approved", "cancelled")
_STEEPNESS = 1.2


@dataclass(frozen=True, slots=True)
class Plan:
    """What to make. `days` are ISO dates with the key of their period, in order.

    `dimension_sets` has the accounts that carry dimensions, `numbers` the last number of
    each period and word: it is counted on while the rows are made.
    """

    ledger_id: int
    currency: str
    minor_digits: int
    entries: int
    unposted: int
    lines_per_entry: int
    first_entry: int
    days: Sequence[tuple[str, int]]
    accounts: Sequence[int]
    dimension_sets: Mapping[int, Sequence[int]]
    makers: Sequence[int]
    checkers: Sequence[int]
    posters: Sequence[int]
    numbers: dict[tuple[int, str], int]


def line_count(plan: Plan) -> int:
    """Return how many lines the plan makes."""
    sizes = _sizes(plan.lines_per_entry)
    whole, rest = divmod(plan.entries, len(sizes))
    return whole * sum(sizes) + sum(sizes[:rest])


def chunks(plan: Plan, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Yield headers and lines of some thousand entries at a time."""
    maker = _Maker(plan, rng)
    for first in range(0, plan.entries, CHUNK):
        yield maker.chunk(first, min(first + CHUNK, plan.entries))


def _sizes(lines_per_entry: int) -> tuple[int, int, int]:
    """Return sizes of entries in turn; on average they are what was asked for."""
    return (2, lines_per_entry, 2 * lines_per_entry - 2)


class _Maker:
    """Draws what the rows are made of from pools that are filled once."""

    def __init__(self, plan: Plan, rng: random.Random) -> None:
        self._plan = plan
        self._rng = rng
        self._sizes = _sizes(plan.lines_per_entry)
        self._weights = list(
            accumulate((rank + 1) ** -_STEEPNESS for rank in range(len(plan.accounts)))
        )
        self._amounts = [min(int(900 * rng.paretovariate(0.9)), 10**9) for _ in range(50_000)]
        self._sets = {
            account: cycle([str(key) for key in keys])
            for account, keys in plan.dimension_sets.items()
        }
        self._none = cycle([NULL])

    def chunk(self, first: int, end: int) -> tuple[str, str]:
        """Return the rows of the entries from the first up to the end."""
        plan, rng = self._plan, self._rng
        size = sum(self._sizes) * ((end - first) // len(self._sizes) + 1)
        accounts = iter(rng.choices(plan.accounts, cum_weights=self._weights, k=size))
        amounts = iter(rng.choices(self._amounts, k=size))
        words = rng.choices(_WORDS, cum_weights=_WORD_SHARES, k=end - first)
        texts = summaries(rng, first, end)
        headers: list[str] = []
        lines: list[str] = []
        for place, word, text in zip(range(first, end), words, texts, strict=True):
            count = self._sizes[place % len(self._sizes)]
            parts = [next(amounts) for _ in range(count - 1)]
            day, period = plan.days[place * len(plan.days) // plan.entries]
            headers.append(self._header(place, (day, period, word), text, sum(parts)))
            side = 1 if place % 2 else -1
            signed = [side * part for part in parts] + [-side * sum(parts)]
            lines += self._lines(place, day, text, zip(signed, accounts, strict=False))
        return "".join(headers), "".join(lines)

    def _lines(
        self, place: int, day: str, text: str, parts: Iterator[tuple[int, int]]
    ) -> list[str]:
        """Return the lines of one entry; `parts` are signed minor units and accounts."""
        plan, sets, none = self._plan, self._sets, self._none
        head = f"{plan.ledger_id}\t{plan.first_entry + place}"
        currency, scale = plan.currency, f"e-{plan.minor_digits}"
        return [
            f"{head}\t{position}\t{day}\t{account}\t{next(sets.get(account, none))}"
            f"\t{1 if part > 0 else -1}\t{currency}\t{part}{scale}\t1\t{part}{scale}\t{text}\n"
            for position, (part, account) in enumerate(parts, 1)
        ]

    def _header(self, place: int, key: tuple[str, int, str], text: str, total: int) -> str:
        plan, rng = self._plan, self._rng
        day, period, word = key
        is_posted = place < plan.entries - plan.unposted
        state = "posted" if is_posted else rng.choice(_UNPOSTED)
        source = rng.choice(_SOURCES)
        maker = rng.choice(plan.makers)
        checker = poster = submitted = approved = posted = number = NULL
        if state in {"submitted", "approved", "posted"}:
            submitted = f"{day} 10:00+08"
        if state in {"approved", "posted"}:
            approved = f"{day} 14:00+08"
            checker = str(rng.choice(plan.checkers))
        if is_posted:
            posted = f"{day} 16:30+08"
            poster = str(rng.choice(plan.posters))
            plan.numbers[period, word] = plan.numbers.get((period, word), 0) + 1
            number = str(plan.numbers[period, word])
        entry = plan.first_entry + place
        idempotency = NULL if source == "manual" else f"fill-{entry}"
        return (
            f"{entry}\t{plan.ledger_id}\t{period}\t{word}\t{number}\t{day}\t{rng.choice(_KINDS)}"
            f"\t{state}\t{source}\t{text}\t{total}e-{plan.minor_digits}\t{maker}\t{checker}"
            f"\t{poster}\t{submitted}\t{approved}\t{posted}\t\t{idempotency}\t\t\t2"
            f"\t{day} 09:00+08\t{day} 16:30+08\t{maker}\n"
        )
