"""What a request is about, as people see it: for each kind a headline and a part of the page.

A kind is added as one row of PANES: `headlines` reads many subjects in a fixed number of
statements, `context` what the template of one of them shows. A kind without a row has a plain
part, so that its requests can be decided all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from apps.approvals.services.import_panes import JOURNAL_IMPORT
from apps.approvals.services.other_panes import (
    MANUAL_RATE,
    PERIOD_REOPEN,
    POLICY_CHANGE,
    SETTLEMENT,
)
from apps.approvals.services.pane_shapes import Headline, Pane
from apps.approvals.words import SubjectKind
from apps.ledgers.models import JournalEntry
from apps.ledgers.services.entry_lines import lines_with_rates

if TYPE_CHECKING:
    from apps.approvals.models import ApprovalRequest
    from apps.organizations.models import User


__all__ = ["PANES", "Headline", "Pane", "headlines_of", "pane_of"]
PLAIN = "approvals/_subject_plain.html"


def headlines_of(requests: Iterable[ApprovalRequest]) -> dict[int, Headline]:
    """Return the headline of each request by its key.

    It takes a statement or two for each table that subjects stand in: all kinds of entries are
    read at once.
    """
    by_pane: dict[Pane | None, list[ApprovalRequest]] = {}
    for request in requests:
        pane = PANES.get(SubjectKind(request.subject_kind))
        by_pane.setdefault(pane, []).append(request)
    found: dict[int, Headline] = {}
    for pane, rows in by_pane.items():
        known = pane.headlines({row.subject_id for row in rows}) if pane else {}
        found |= {row.pk: known.get(row.subject_id) or Headline(str(row)) for row in rows}
    return found


def pane_of(request: ApprovalRequest, viewer: User) -> tuple[str, dict[str, Any]]:
    """Return the template of the subject's part of the page, and what it shows."""
    pane = PANES.get(SubjectKind(request.subject_kind))
    if pane is None:
        return PLAIN, {}
    return pane.template, pane.context(request.subject_id, viewer)


def _entry_headlines(keys: Collection[int]) -> dict[int, Headline]:
    entries = JournalEntry.objects.filter(pk__in=keys).select_related("ledger", "period")
    return {
        entry.pk: Headline(
            title=entry.summary or str(entry),
            number=f"{entry.ledger.code} {entry}",
            url=entry.get_absolute_url(),
        )
        for entry in entries
    }


def _entry_context(key: int, _viewer: User) -> dict[str, Any]:
    entry = JournalEntry.objects.select_related("ledger", "period").get(pk=key)
    return {
        "entry": entry,
        "ledger": entry.ledger,
        "currency": entry.ledger.base_currency_id,
        "lines": lines_with_rates(entry),
        "files": entry.attachments.select_related("uploaded_by"),
    }


_ENTRY = Pane("approvals/_subject_journal_entry.html", _entry_headlines, _entry_context)

PANES = MappingProxyType({
    SubjectKind.JOURNAL_ENTRY: _ENTRY,
    SubjectKind.REVERSAL: _ENTRY,
    SubjectKind.WRITE_OFF: _ENTRY,
    SubjectKind.TRANSFER: _ENTRY,
    SubjectKind.PERIOD_REOPEN: PERIOD_REOPEN,
    SubjectKind.POLICY_CHANGE: POLICY_CHANGE,
    SubjectKind.MANUAL_RATE: MANUAL_RATE,
    SubjectKind.SETTLEMENT: SETTLEMENT,
    SubjectKind.JOURNAL_IMPORT: JOURNAL_IMPORT,
})  # fmt: skip
