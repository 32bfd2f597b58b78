"""Splitting: a row of a break becomes parts with breaks of their own, and can be put back.

    line 100.00 missing in our books
        60.00   matched with the entry that is there
        40.00   open until its entry is booked; the next run that finds it matches it by itself

Only results and breaks change: the line stays what it is. A part may be split again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection

from apps.core.money import minor_digits
from apps.core.operation import operation
from apps.core.text import clean_text
from apps.organizations.access import require
from apps.organizations.permissions import Permission
from apps.reconciliation.database_errors import refusals_in_words
from apps.reconciliation.domain.buckets import OPEN, Bucket, Side
from apps.reconciliation.domain.splitting import (
    FEWEST_PARTS,
    MOST_PARTS,
    remainder,
    wrong_part,
)
from apps.reconciliation.errors import BreakIsTaken, ReasonIsMissing
from apps.reconciliation.models import Break, MatchedItem, RowPart, RowSplit
from apps.reconciliation.services.break_matching import (
    change_breaks,
    lock_breaks,
    require_free,
)
from apps.reconciliation.services.break_results import results_of
from apps.reconciliation.services.breaks_opening import CATEGORIES
from apps.reconciliation.services.lines import TABLES
from apps.reconciliation.services.live_splitting import follow_rejoin, follow_split
from apps.reconciliation.split_errors import (
    PartIsUsed,
    PartsDoNotAddUp,
    SplitIsUndone,
    TooFewParts,
    WrongPart,
)
from apps.reconciliation.words import BreakState, Resolution

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from apps.organizations.models import User

_LONGEST = 500
_KEYS = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
# What a row alone on its side is.
_ALONE = {Side.BOOK: Bucket.MISSING_EXT, Side.STATEMENT: Bucket.MISSING_INT}


def split_row(
    found: Break,
    parts: Sequence[tuple[Decimal, str]],
    *,
    version: int,
    actor: User,
    reason: str = "",
) -> RowSplit:
    """Put parts, each an amount with a note, in the place of the row of a break.

    Raises:
        TooFewParts, WrongPart, PartsDoNotAddUp: these are no parts of the row.
        BreakIsTaken: somebody else dealt with the row meanwhile.
        ChannelIsBusy, MatchIsFixed: a run works with it, or it is signed off.
    """
    require(actor, Permission.RECONCILIATION_RUN)
    reason = clean_text(reason, field="reason")[:_LONGEST]
    said = [(amount, clean_text(note, field="note")[:_LONGEST]) for amount, note in parts]
    _check_parts(found, [amount for amount, _note in said])
    with operation("break.split", actor=actor, reason=reason), refusals_in_words():
        (locked,) = lock_breaks(found.channel, {found.pk: version})
        require_free(found.channel, [locked])
        new = _split_of(locked, len(said), reason=reason, actor=actor)
        (made,) = RowSplit.create_many_versioned([new], actor=actor, reason=reason)
        _write_parts(made, said, locked, actor)
        change_breaks(
            [locked.pk],
            actor=actor,
            state=BreakState.RESOLVED,
            resolution=Resolution.SPLIT,
            waits_until=None,
            note=reason,
        )
        follow_split(made)
    return made


def undo_split(found: RowSplit, *, version: int, actor: User, reason: str) -> RowSplit:
    """Put a row back in the place of its parts, while all of these are open.

    Raises:
        ReasonIsMissing: nothing is said.
        StaleVersion, SplitIsUndone: somebody was faster.
        PartIsUsed: a part is matched, split, or resolved otherwise.
        ChannelIsBusy, MatchIsFixed: a run works with the parts, or they are signed off.
    """
    require(actor, Permission.RECONCILIATION_RUN)
    reason = clean_text(reason, field="reason")[:_LONGEST]
    if not reason:
        raise ReasonIsMissing(field="reason")
    with operation("break.rejoin", actor=actor, reason=reason), refusals_in_words():
        split = RowSplit.objects.select_for_update().get(pk=found.pk)
        if split.is_undone:
            raise SplitIsUndone
        parts = list(split.parts.all())
        whole, pieces = _locked_breaks(split, parts)
        _require_open(parts, pieces)
        require_free(split.channel, pieces)
        run = _put_back(split, parts)
        split.update_versioned(
            actor=actor,
            reason=reason,
            expected_version=version,
            is_undone=True,
            undone_run_id=run,
        )
        ended = {"state": BreakState.RESOLVED, "resolution": Resolution.REJOINED}
        keys = [one.pk for one in pieces]
        change_breaks(keys, actor=actor, waits_until=None, note=reason, **ended)
        state = BreakState.ASSIGNED if whole.owner_id else BreakState.OPEN
        change_breaks([whole.pk], actor=actor, state=state, resolution="", note=reason)
        follow_rejoin(split)
    return split


def _check_parts(found: Break, amounts: Sequence[Decimal]) -> None:
    digits = minor_digits(found.currency)
    if not FEWEST_PARTS <= len(amounts) <= MOST_PARTS:
        raise TooFewParts(limit=MOST_PARTS)
    wrong = wrong_part(found.amount, amounts, digits)
    if wrong is not None:
        raise WrongPart(position=wrong, digits=digits)
    rest = remainder(found.amount, amounts)
    if rest:
        raise PartsDoNotAddUp(
            sum=f"{found.amount - rest:,.{digits}f}",
            amount=f"{found.amount:,.{digits}f}",
            rest=f"{rest:,.{digits}f}",
            currency=found.currency,
        )


def _split_of(locked: Break, count: int, *, reason: str, actor: User) -> RowSplit:
    before = _open_result(locked)
    return RowSplit(
        organization_id=locked.organization_id,
        channel_id=locked.channel_id,
        side=locked.side,
        item_id=locked.item_id,
        line_id=_line_of(locked),
        run_id=before["run_id"],
        part_count=count,
        amount=locked.amount,
        currency=locked.currency,
        before=before,
        reason=reason,
        created_by=actor,
    )


def _open_result(locked: Break) -> dict[str, Any]:
    """Return the result of the row, which is open.

    Raises:
        BreakIsTaken: it is matched, or there is none.
    """
    rows = results_of(locked.channel_id, [(locked.side, locked.item_id)])
    if len(rows) != 1 or rows[0]["bucket"] not in OPEN:
        raise BreakIsTaken(what="")
    return rows[0]


def _line_of(locked: Break) -> int:
    part = RowPart.objects.filter(side=locked.side, item_id=locked.item_id).first()
    return part.line_id if part else locked.item_id


def _write_parts(
    made: RowSplit, said: Sequence[tuple[Decimal, str]], whole: Break, actor: User
) -> None:
    """Write parts, their results and their breaks, in the place of the row."""
    parts = [
        RowPart(
            split=made,
            channel_id=made.channel_id,
            side=made.side,
            item_id=pk,
            line_id=made.line_id,
            position=position,
            amount=amount,
            note=note,
        )
        for position, (pk, (amount, note)) in enumerate(
            zip(_new_keys(Side(made.side), len(said)), said, strict=True), start=1
        )
    ]
    RowPart.objects.bulk_create(parts)
    _items(made, [made.item_id]).delete()
    bucket = _ALONE[Side(made.side)]
    MatchedItem.objects.bulk_create(
        MatchedItem(
            channel_id=made.channel_id,
            side=made.side,
            item_id=part.item_id,
            run_id=made.run_id,
            bucket=bucket,
            amount=part.amount,
            currency=made.currency,
        )
        for part in parts
    )
    state = BreakState.ASSIGNED if whole.owner_id else BreakState.OPEN
    breaks = [_break_of(part, whole, bucket, state) for part in parts]
    Break.create_many_versioned(breaks, actor=actor, reason=made.reason)


def _break_of(part: RowPart, whole: Break, bucket: Bucket, state: BreakState) -> Break:
    """Return the break of a part: as old as its row, and of the same owner."""
    return Break(
        organization_id=whole.organization_id,
        channel_id=whole.channel_id,
        side=part.side,
        item_id=part.item_id,
        first_run_id=whole.first_run_id,
        last_run_id=part.split.run_id,
        category=CATEGORIES[bucket],
        bucket=bucket,
        state=state,
        owner_id=whole.owner_id,
        booked_on=whole.booked_on,
        amount=part.amount,
        currency=whole.currency,
        at_risk=abs(part.amount),
        note=part.note,
    )


def _new_keys(side: Side, count: int) -> list[int]:
    """Return keys that no line of the side has or will have."""
    with connection.cursor() as cursor:
        cursor.execute(_KEYS, [TABLES[side], count])
        return [pk for (pk,) in cursor.fetchall()]


def _items(split: RowSplit, keys: Sequence[int]) -> Any:
    return MatchedItem.objects.filter(
        channel=split.channel_id, side=split.side, item_id__in=keys
    )


def _locked_breaks(split: RowSplit, parts: Sequence[RowPart]) -> tuple[Break, list[Break]]:
    """Lock the breaks of a row and of its parts, and return them."""
    keys = [split.item_id, *(part.item_id for part in parts)]
    rows = Break.objects.select_for_update().filter(
        channel=split.channel_id, side=split.side, item_id__in=keys
    )
    found = {one.item_id: one for one in rows.order_by("pk")}
    return found[split.item_id], [found[part.item_id] for part in parts]


def _require_open(parts: Sequence[RowPart], breaks: Sequence[Break]) -> None:
    done = {BreakState.RESOLVED, BreakState.PROPOSED}
    for part, one in zip(parts, breaks, strict=True):
        if one.state in done:
            is_over = one.state == BreakState.RESOLVED
            state = one.get_resolution_display() if is_over else one.get_state_display()
            raise PartIsUsed(position=part.position, state=state)


def _put_back(split: RowSplit, parts: Sequence[RowPart]) -> int:
    """Give the row its result back and take those of the parts; return the run of these.

    Raises:
        BreakIsTaken: a part is matched.
    """
    keys = [part.item_id for part in parts]
    rows = results_of(split.channel_id, [(split.side, pk) for pk in keys])
    runs = {int(row["run_id"]) for row in rows if row["bucket"] in OPEN}
    if len(rows) != len(keys) or len(runs) != 1:
        raise BreakIsTaken(what="")
    (run,) = runs
    _items(split, keys).delete()
    MatchedItem.objects.create(
        channel_id=split.channel_id,
        amount=split.amount,
        currency=split.currency,
        **split.before | {"run_id": run},
    )
    return run
