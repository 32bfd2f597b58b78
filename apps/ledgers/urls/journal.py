"""URLs of the journal."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.ledgers.views import (
    attachments,
    entry_bulk,
    entry_form,
    entry_steps,
    journal,
    rates,
    saved_views,
)

_LIST = "<slug:ledger>/journal/"
_ONE = f"{_LIST}<int:pk>/"

urlpatterns: list[URLPattern] = [
    path(_LIST, journal.journal_entry_list, name="journal_entry_list"),
    path(f"{_LIST}export/", journal.journal_entry_export, name="journal_entry_export"),
    path(f"{_LIST}totals/", journal.journal_entry_totals, name="journal_entry_totals"),
    path(f"{_LIST}bulk/", entry_bulk.journal_entry_bulk, name="journal_entry_bulk"),
    path(f"{_LIST}new/", entry_form.journal_entry_create, name="journal_entry_create"),
    path(f"{_LIST}autosave/", entry_form.journal_entry_autosave, name="journal_entry_autosave"),
    path(f"{_LIST}views/", saved_views.saved_view_create, name="saved_view_create"),
    path(f"{_LIST}currencies/", rates.currency_options, name="currency_options"),
    path(f"{_LIST}rate/", rates.line_rate, name="line_rate"),
    path(
        f"{_LIST}views/<int:pk>/delete/",
        saved_views.saved_view_delete,
        name="saved_view_delete",
    ),
    path(_ONE, journal.journal_entry_detail, name="journal_entry_detail"),
    path(f"{_ONE}print/", journal.journal_entry_print, name="journal_entry_print"),
    path(f"{_ONE}edit/", entry_form.journal_entry_edit, name="journal_entry_edit"),
    path(f"{_ONE}autosave/", entry_form.journal_entry_autosave, name="journal_entry_autosave"),
    path(f"{_ONE}conflict/", entry_form.journal_entry_conflict, name="journal_entry_conflict"),
    path(f"{_ONE}submit/", entry_steps.journal_entry_submit, name="journal_entry_submit"),
    path(f"{_ONE}approve/", entry_steps.journal_entry_approve, name="journal_entry_approve"),
    path(f"{_ONE}reject/", entry_steps.journal_entry_reject, name="journal_entry_reject"),
    path(f"{_ONE}withdraw/", entry_steps.journal_entry_withdraw, name="journal_entry_withdraw"),
    path(
        f"{_ONE}unapprove/", entry_steps.journal_entry_unapprove, name="journal_entry_unapprove"
    ),
    path(f"{_ONE}post/", entry_steps.journal_entry_post, name="journal_entry_post"),
    path(f"{_ONE}reverse/", entry_steps.journal_entry_reverse, name="journal_entry_reverse"),
    path(f"{_ONE}cancel/", entry_steps.journal_entry_cancel, name="journal_entry_cancel"),
    path(f"{_ONE}copy/", entry_steps.journal_entry_copy, name="journal_entry_copy"),
    path(f"{_ONE}attachments/", attachments.attachment_create, name="attachment_create"),
    path(
        "<slug:ledger>/attachments/<int:pk>/",
        attachments.attachment_download,
        name="attachment_download",
    ),
]
