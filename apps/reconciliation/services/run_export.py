"""Rows of a bucket as a table for a spreadsheet, group by group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from apps.core.exports import Cell, ColumnKind
from apps.reconciliation.domain.buckets import Side
from apps.reconciliation.models import ReconciliationRun
from apps.reconciliation.services.run_groups import (
    Asked,
    Group,
    Member,
    leads_of,
    with_members,
)
from apps.reconciliation.services.run_words import label_of

_CHUNK = 500
COLUMN_KINDS = (
    ColumnKind.INTEGER,
    ColumnKind.TEXT,
    ColumnKind.TEXT,
    ColumnKind.DATE,
    ColumnKind.TEXT,
    ColumnKind.TEXT,
    ColumnKind.TEXT,
    ColumnKind.AMOUNT,
    ColumnKind.AMOUNT,
    ColumnKind.TEXT,
)


def export_header() -> list[str]:
    """Return the headings of the table."""
    return [
        _("Group"),
        _("Side"),
        _("Bucket"),
        _("Day"),
        _("Reference"),
        _("Counterparty or entry"),
        _("Currency"),
        _("Amount"),
        _("Difference"),
        _("Rule"),
    ]


def export_rows(run: ReconciliationRun, asked: Asked | None) -> Iterator[Sequence[Cell]]:
    """Yield all rows of a bucket, group by group."""
    if asked is None:
        return
    leads, last, number = leads_of(run, asked), 0, 0
    while found := list(leads.filter(item_id__gt=last).order_by("item_id")[:_CHUNK]):
        for group in with_members(found):
            number += 1
            for member in group.members:
                yield _cells(number, group, member)
        last = found[-1].item_id


def _cells(number: int, group: Group, member: Member) -> list[Cell]:
    item = member.item
    return [
        number,
        _("books") if item.side == Side.BOOK else _("statement"),
        label_of(item.bucket),
        member.day,
        member.reference,
        member.note,
        item.currency,
        item.amount,
        item.delta,
        group.why,
    ]
