"""Let a statement that was read count: its missing lines, its parts and their proof.

All of it happens in one transaction at whose end PostgreSQL compares lines, sums and balances.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import F
from django.utils import timezone

from apps.core.operation import operation
from apps.statements.database_errors import refusals_in_words
from apps.statements.errors import ConflictsToAccept, StatementCannotMove
from apps.statements.models import Channel, StatementFile, StatementPart
from apps.statements.services.overlap import Overlap, overlap_of

if TYPE_CHECKING:
    from apps.organizations.models import User
    from apps.statements.domain.parts import Part
    from apps.statements.services.reading import Reading

State = StatementFile.State


def write_statement(
    statement: StatementFile,
    reading: Reading,
    *,
    actor: User,
    accepts_conflicts: bool = False,
) -> StatementFile:
    """Write what a file says and is not known yet, and prove it.

    Raises:
        StatementCannotMove: the file does not wait to be imported.
        ConflictsToAccept: it contradicts earlier statements, and nobody accepted that.
        StatementNotProved: lines and balances do not agree; nothing was written.
    """
    with operation("statement.import", actor=actor), refusals_in_words():
        # One import of a channel at a time: what is known cannot change meanwhile.
        Channel.objects.select_for_update(no_key=True).get(pk=statement.channel_id)
        _move(statement, State.READY, State.IMPORTING)
        parts = reading.found.parts
        overlap = overlap_of(statement, parts, reading.lines)
        if overlap.conflict_count and not accepts_conflicts:
            raise ConflictsToAccept(count=overlap.conflict_count)
        overlap.write_missing(reading.lines)
        StatementPart.objects.bulk_create(_parts(statement, parts))
        _finish(statement, parts, overlap, actor)
    statement.refresh_from_db()
    return statement


def _parts(statement: StatementFile, parts: Sequence[Part]) -> Iterator[StatementPart]:
    for position, part in enumerate(parts, start=1):
        yield StatementPart(
            statement=statement,
            position=position,
            reference=part.reference,
            from_on=part.from_on,
            to_on=part.to_on,
            opening_balance=part.opening,
            closing_balance=part.closing,
            total=part.total,
            line_count=part.count,
        )


def _move(statement: StatementFile, before: str, after: str) -> None:
    rows = StatementFile.objects.filter(pk=statement.pk, state=before)
    if not rows.update(state=after, version=F("version") + 1):
        statement.refresh_from_db()
        raise StatementCannotMove(state=statement.get_state_display())


def _finish(
    statement: StatementFile, parts: Sequence[Part], overlap: Overlap, actor: User
) -> None:
    StatementFile.objects.filter(pk=statement.pk).update(
        state=State.IMPORTED,
        version=F("version") + 1,
        from_on=min(part.from_on for part in parts),
        to_on=max(part.to_on for part in parts),
        opening_balance=parts[0].opening,
        closing_balance=parts[-1].closing,
        line_count=sum(part.count for part in parts),
        total=sum((part.total for part in parts), Decimal(0)),
        new_count=overlap.new_count,
        new_total=overlap.new_total,
        imported_by=actor,
        imported_at=timezone.now(),
    )
