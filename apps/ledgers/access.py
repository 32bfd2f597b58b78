"""The only ways to fetch rows of the books: each takes the user, 404 for what is not theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404

from apps.ledgers.models import (
    Account,
    Attachment,
    ChartOfAccounts,
    DimensionType,
    DimensionValue,
    JournalEntry,
    JournalImport,
    Ledger,
    OpenItem,
    Period,
    SavedView,
    Settlement,
    SettlementProposal,
)
from apps.organizations.access import tenant_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from apps.ledgers.models.open_items import OpenItemQuerySet
    from apps.organizations.models import User


def ledgers_for(user: User) -> QuerySet[Ledger]:
    """Return the ledgers of the user's organization."""
    ledgers = Ledger.objects.filter(organization=tenant_of(user))
    return ledgers.select_related("entity", "base_ledger")


def get_ledger_for(user: User, code: str) -> Ledger:
    """Return a ledger by its code."""
    return get_object_or_404(ledgers_for(user), code=code)


def charts_for(user: User) -> QuerySet[ChartOfAccounts]:
    """Return the charts of accounts of the user's organization."""
    return ChartOfAccounts.objects.filter(organization=tenant_of(user)).order_by("code")


def entries_for(ledger: Ledger) -> QuerySet[JournalEntry]:
    """Return the entries of a ledger with what their pages show."""
    return JournalEntry.objects.filter(ledger=ledger).select_related(
        "ledger", "period", "maker", "checker", "poster"
    )


def get_journal_entry_for(user: User, ledger: str, pk: int) -> JournalEntry:
    """Return an entry of one of the user's ledgers."""
    return get_object_or_404(entries_for(get_ledger_for(user, ledger)), pk=pk)


def get_account_for(user: User, ledger: str, code: str) -> Account:
    """Return an account of the chart of one of the user's ledgers."""
    return get_account_of(get_ledger_for(user, ledger), code)


def get_account_of(ledger: Ledger, code: str) -> Account:
    """Return an account of the chart of a ledger that was fetched for its reader."""
    accounts = Account.objects.select_related("parent")
    return get_object_or_404(accounts, chart_id=ledger.chart_id, code=code)


def get_period_for(user: User, ledger: str, pk: int) -> Period:
    """Return a period of one of the user's ledgers."""
    return get_object_or_404(Period, ledger=get_ledger_for(user, ledger), pk=pk)


def get_attachment_for(user: User, ledger: str, pk: int) -> Attachment:
    """Return an attachment of an entry of one of the user's ledgers."""
    return get_object_or_404(Attachment, entry__ledger=get_ledger_for(user, ledger), pk=pk)


def imports_for(ledger: Ledger) -> QuerySet[JournalImport]:
    """Return the imports into a ledger."""
    return JournalImport.objects.filter(ledger=ledger).select_related("created_by")


def get_journal_import_for(user: User, ledger: str, pk: int) -> JournalImport:
    """Return an import into one of the user's ledgers."""
    return get_object_or_404(imports_for(get_ledger_for(user, ledger)), pk=pk)


def dimension_types_for(user: User) -> QuerySet[DimensionType]:
    """Return the dimensions of the user's organization."""
    return DimensionType.objects.filter(organization=tenant_of(user)).order_by("code")


def dimension_values_for(user: User) -> QuerySet[DimensionValue]:
    """Return the dimension values of the user's organization."""
    return DimensionValue.objects.filter(organization=tenant_of(user)).select_related(
        "type", "owner"
    )


def get_dimension_value_for(user: User, pk: int) -> DimensionValue:
    """Return a dimension value of the user's organization."""
    return get_object_or_404(dimension_values_for(user), pk=pk)


def saved_views_for(user: User, ledger: Ledger, page: str) -> QuerySet[SavedView]:
    """Return the user's own saved views of a page."""
    return SavedView.objects.filter(user=user, ledger=ledger, page=page)


def open_items_for(ledger: Ledger) -> OpenItemQuerySet:
    """Return the open items of a ledger with what their pages show."""
    return OpenItem.objects.filter(ledger=ledger).select_related(
        "ledger", "account", "partner", "entry__period", "dimension_set"
    )


def get_open_item_for(user: User, ledger: str, pk: int) -> OpenItem:
    """Return an open item of one of the user's ledgers."""
    return get_object_or_404(open_items_for(get_ledger_for(user, ledger)), pk=pk)


def get_settlement_for(user: User, ledger: str, pk: int) -> Settlement:
    """Return a settlement of one of the user's ledgers."""
    rows = Settlement.objects.filter(ledger=get_ledger_for(user, ledger)).select_related(
        "ledger", "account", "partner", "entry__period", "made_by", "undone_by"
    )
    return get_object_or_404(rows, pk=pk)


def settlement_proposals_for(ledger: Ledger) -> QuerySet[SettlementProposal]:
    """Return the proposed settlements of a ledger, the newest first."""
    return SettlementProposal.objects.filter(ledger=ledger).select_related(
        "ledger", "account", "partner", "proposed_by", "decided_by", "settlement"
    )


def get_settlement_proposal_for(user: User, ledger: str, pk: int) -> SettlementProposal:
    """Return a proposed settlement of one of the user's ledgers."""
    rows = settlement_proposals_for(get_ledger_for(user, ledger))
    return get_object_or_404(rows, pk=pk)
