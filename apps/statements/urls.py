"""URLs of channels, statements and mappings."""

from __future__ import annotations

from django.urls import path

from apps.statements.views import balances, channels, ledgers, mappings, partners, statements

app_name = "statements"

_CHANNEL = "channels/<slug:channel>/"
_STATEMENT = f"{_CHANNEL}<int:pk>/"

urlpatterns = [
    path("", channels.channel_list, name="channel_list"),
    path("new-channel/", channels.channel_create, name="channel_create"),
    path("new-partner/", partners.partner_create, name="partner_create"),
    path("partners/", partners.partner_list, name="partner_list"),
    path("partners/<slug:partner>/", partners.partner_edit, name="partner_edit"),
    path(_CHANNEL, channels.channel_detail, name="channel_detail"),
    path(f"{_CHANNEL}edit/", channels.channel_edit, name="channel_edit"),
    path(f"{_CHANNEL}take/", ledgers.statement_take, name="statement_take"),
    path(f"{_CHANNEL}balances/", balances.balance_create, name="balance_create"),
    path(f"{_CHANNEL}balances/<int:pk>/", balances.balance_edit, name="balance_edit"),
    path(
        f"{_CHANNEL}balances/<int:pk>/file/", balances.balance_download, name="balance_download"
    ),
    path(f"{_CHANNEL}upload/", statements.statement_upload, name="statement_upload"),
    path(_STATEMENT, statements.statement_detail, name="statement_detail"),
    path(f"{_STATEMENT}read/", statements.statement_read, name="statement_read"),
    path(f"{_STATEMENT}import/", statements.statement_import, name="statement_import"),
    path(f"{_STATEMENT}discard/", statements.statement_discard, name="statement_discard"),
    path(f"{_STATEMENT}file/", statements.statement_download, name="statement_download"),
    path("mappings/", mappings.mapping_list, name="mapping_list"),
    path("mappings/new/", mappings.mapping_create, name="mapping_create"),
    path("mappings/<int:pk>/", mappings.mapping_edit, name="mapping_edit"),
]
