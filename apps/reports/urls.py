"""URLs of reports, below the ledger that they are about."""

from __future__ import annotations

from django.urls import path

from apps.reports import views

app_name = "reports"

urlpatterns = [
    path(
        "ledgers/<slug:ledger>/trial-balance/",
        views.trial_balance,
        name="trial_balance",
    ),
    path(
        "ledgers/<slug:ledger>/trial-balance/export/",
        views.trial_balance_export,
        name="trial_balance_export",
    ),
]
