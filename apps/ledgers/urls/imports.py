"""URLs of imports."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.ledgers.views import import_rounds, imports

urlpatterns: list[URLPattern] = [
    path("<slug:ledger>/imports/", imports.journal_import_list, name="journal_import_list"),
    path(
        "<slug:ledger>/imports/new/",
        imports.journal_import_create,
        name="journal_import_create",
    ),
    path(
        "<slug:ledger>/imports/<int:pk>/",
        imports.journal_import_detail,
        name="journal_import_detail",
    ),
    path(
        "<slug:ledger>/imports/<int:pk>/map/",
        imports.journal_import_map,
        name="journal_import_map",
    ),
    path(
        "<slug:ledger>/imports/<int:pk>/start/",
        imports.journal_import_start,
        name="journal_import_start",
    ),
    path(
        "<slug:ledger>/imports/<int:pk>/errors/",
        imports.journal_import_errors,
        name="journal_import_errors",
    ),
    path(
        "<slug:ledger>/imports/<int:pk>/approve/",
        imports.journal_import_approve,
        name="journal_import_approve",
    ),
    path(
        "<slug:ledger>/imports/<int:pk>/decide/",
        import_rounds.journal_import_decide,
        name="journal_import_decide",
    ),
]
