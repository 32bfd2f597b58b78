"""What may belong together without its reference saying so: shown to a person, never matched.

Only rows of one currency and amount are compared with each other, so that a thousand rows are
not a million pairs. More than one answer is AMBIGUOUS. All engines use this on what their
passes left, which is little.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice

from rapidfuzz import fuzz

from apps.reconciliation.domain.buckets import Bucket, Side
from apps.reconciliation.domain.explaining import grouped, missing
from apps.reconciliation.domain.items import Item, Placed
from apps.reconciliation.domain.rules import MOST_PAIRS, Kind, Pass, Rules

Open = dict[int, Item]
# A pair by its keys → how alike the two are.
Scores = dict[tuple[int, int], int]
# Sums of subsets are looked for no more than this often in a run.
MOST_TARGETS = 5_000
# More rows than this have another cause than that each lacks its partner.
MOST_ROWS = 100_000
_SHORTEST_PARTY = 4


def suggest(book: Sequence[Item], statement: Sequence[Item], rules: Rules) -> list[Placed]:
    """Return suggestions, and MISSING for whoever nothing is suggested for."""
    left = {item.pk: item for item in book}
    right = {item.pk: item for item in statement}
    placed: list[Placed] = []
    is_too_much = len(left) + len(right) > MOST_ROWS
    for step in () if is_too_much else rules.passes:
        if step.kind == Kind.SUGGEST_FUZZY:
            placed += _settle(_alike(left, right, step, rules), left, right, step)
        elif step.kind == Kind.SUGGEST_AMOUNT:
            placed += _settle(_same_amount(left, right, step, rules), left, right, step)
        elif step.kind == Kind.SUGGEST_SUBSET:
            placed += _subsets(left, right, step, rules)
    placed += [missing(Side.BOOK, item) for item in left.values()]
    return placed + [missing(Side.STATEMENT, item) for item in right.values()]


def similarity(b: Item, r: Item) -> int:
    """Return how alike two rows are, of 100: their references, or the party in our text."""
    scores = [0]
    if b.reference and r.reference:
        scores.append(int(fuzz.ratio(b.reference, r.reference)))
    if len(r.party) >= _SHORTEST_PARTY and b.text:
        scores.append(int(fuzz.partial_ratio(r.party, b.text)))
    return max(scores)


def _near_pairs(
    left: Open, right: Open, step: Pass, rules: Rules
) -> Iterable[tuple[Item, Item]]:
    day = rules.calendar.ordinal
    blocks: dict[tuple[str, int], tuple[list[Item], list[Item]]]
    blocks = defaultdict(lambda: ([], []))
    for side, rows in enumerate((left, right)):
        for item in rows.values():
            blocks[item.currency, item.amount][side].append(item)
    for ours, theirs in blocks.values():
        if len(ours) * len(theirs) <= MOST_PAIRS:
            for b in ours:
                for r in theirs:
                    if abs(day(b.on) - day(r.on)) <= step.days:
                        yield b, r


def _same_amount(left: Open, right: Open, step: Pass, rules: Rules) -> Scores:
    return {(b.pk, r.pk): 0 for b, r in _near_pairs(left, right, step, rules)}


def _alike(left: Open, right: Open, step: Pass, rules: Rules) -> Scores:
    """Return the best pairs by score: for neither row is there a better one."""
    scores = {
        (b.pk, r.pk): score
        for b, r in _near_pairs(left, right, step, rules)
        if (score := similarity(b, r)) >= step.score
    }
    best: dict[tuple[int, int], int] = {}
    for pair, score in scores.items():
        for end in enumerate(pair):
            best[end] = max(best.get(end, 0), score)
    return {
        (b, r): score for (b, r), score in scores.items() if score == best[0, b] == best[1, r]
    }


def _settle(pairs: Scores, left: Open, right: Open, step: Pass) -> list[Placed]:
    """Suggest pairs whose both rows have no other; all others are ambiguous."""
    lefts, rights = Counter(b for b, _ in pairs), Counter(r for _, r in pairs)
    placed: list[Placed] = []
    for (b, r), score in sorted(pairs.items()):
        if lefts[b] == rights[r] == 1:
            more = {"pass_name": step.kind.value, "score": score or None}
            placed += [
                Placed(Side.BOOK, b, Bucket(step.kind), b, r, **more),  # type: ignore[arg-type]
                Placed(Side.STATEMENT, r, Bucket(step.kind), b, b, **more),  # type: ignore[arg-type]
            ]
    for side, counts in ((Side.BOOK, lefts), (Side.STATEMENT, rights)):
        done = {row.pk for row in placed if row.side == side}
        placed += [
            Placed(side, pk, Bucket.AMBIGUOUS, pass_name=step.kind)
            for pk in sorted(set(counts) - done)
        ]
    for row in placed:
        del (left if row.side == Side.BOOK else right)[row.pk]
    return placed


def _subsets(left: Open, right: Open, step: Pass, rules: Rules) -> list[Placed]:
    placed: list[Placed] = []
    near = {Side.BOOK: _Near(left, rules), Side.STATEMENT: _Near(right, rules)}
    sides = ((Side.BOOK, left, Side.STATEMENT), (Side.STATEMENT, right, Side.BOOK))
    targets = [(side, item, own, other) for side, own, other in sides for item in own.values()]
    for side, item, own, other in targets[:MOST_TARGETS]:
        if item.pk not in own:
            continue
        parts = near[other].parts_for(item, step)
        found = list(islice(_sums(parts, item.amount), 2)) if parts else []
        if len(found) > 1:
            placed.append(Placed(side, item.pk, Bucket.AMBIGUOUS, pass_name=step.kind))
            del own[item.pk]
        elif found:
            chosen = sorted(found[0], key=lambda part: part.pk)
            ours, theirs = ([item], chosen) if side == Side.BOOK else (chosen, [item])
            rows = grouped(ours, theirs, Bucket.SUGGEST_SUBSET, 0, step.kind)
            placed += rows
            for row in rows:
                del (left if row.side == Side.BOOK else right)[row.pk]
    return placed


class _Near:
    """Rows of a side by currency, sign and day."""

    def __init__(self, rows: Open, rules: Rules) -> None:
        self._rows, self._day = rows, rules.calendar.ordinal
        self._by_day: dict[tuple[str, bool, int], list[Item]] = defaultdict(list)
        for item in rows.values():
            self._by_day[self._key(item, 0)].append(item)

    def parts_for(self, item: Item, step: Pass) -> list[Item]:
        """Return what could add up to a row; nothing when it is too much to try."""
        parts: list[Item] = []
        for shift in range(-step.days, step.days + 1):
            for other in self._by_day.get(self._key(item, shift), ()):
                if abs(other.amount) < abs(item.amount) and other.pk in self._rows:
                    if other.amount:
                        parts.append(other)
                    if len(parts) > step.most:
                        return []
        return parts

    def _key(self, item: Item, shift: int) -> tuple[str, bool, int]:
        return item.currency, item.amount > 0, self._day(item.on) + shift


def _sums(parts: list[Item], wanted: int) -> Iterable[tuple[Item, ...]]:
    """Yield the subsets of parts that sum to the amount, each once; at most 2^24 are tried.

    Halves are summed apart and met in the middle (Horowitz and Sahni, 1974).
    """
    middle = len(parts) // 2
    first, second = _all_sums(parts[:middle]), _all_sums(parts[middle:])
    by_sum: dict[int, list[tuple[Item, ...]]] = defaultdict(list)
    for total, chosen in second:
        by_sum[total].append(chosen)
    for total, chosen in first:
        for rest in by_sum.get(wanted - total, ()):
            yield chosen + rest


def _all_sums(parts: list[Item]) -> list[tuple[int, tuple[Item, ...]]]:
    sums: list[tuple[int, tuple[Item, ...]]] = [(0, ())]
    for part in parts:
        sums += [(total + part.amount, (*chosen, part)) for total, chosen in sums]
    return sums
