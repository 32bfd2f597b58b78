"""How an import of entries is shown: its size, what it moves, its largest entries."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.approvals.services.pane_shapes import Headline, Pane
from apps.ledgers.models import JournalImport
from apps.ledgers.services.import_contents import largest_entries, moved_accounts

if TYPE_CHECKING:
    from apps.organizations.models import User


def _headlines(keys: Collection[int]) -> dict[int, Headline]:
    return {
        row.pk: Headline(
            title=_("Import of %(file)s") % {"file": row.filename},
            number=f"{row.ledger.code} #{row.pk}",
            url=_url(row),
        )
        for row in JournalImport.objects.filter(pk__in=keys).select_related("ledger")
    }


def _context(key: int, _viewer: User) -> dict[str, Any]:
    journal_import = JournalImport.objects.select_related("ledger").get(pk=key)
    return {
        "journal_import": journal_import,
        "currency": journal_import.ledger.base_currency_id,
        "url": _url(journal_import),
        "accounts": moved_accounts(journal_import),
        "entries": largest_entries(journal_import),
    }


def _url(row: JournalImport) -> str:
    return reverse("ledgers:journal_import_detail", args=(row.ledger.code, row.pk))


JOURNAL_IMPORT = Pane("approvals/_subject_journal_import.html", _headlines, _context)
