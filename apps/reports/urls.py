"""URLs of reports, below the ledger that they are about."""

from __future__ import annotations

from django.urls import path

from apps.reports.views import statements, trial_balance

app_name = "reports"

_LEDGER = "ledgers/<slug:ledger>/"

urlpatterns = [
    path(f"{_LEDGER}trial-balance/", trial_balance.trial_balance, name="trial_balance"),
    path(
        f"{_LEDGER}trial-balance/export/",
        trial_balance.trial_balance_export,
        name="trial_balance_export",
    ),
    path(f"{_LEDGER}income-statement/", statements.income_statement, name="income_statement"),
    path(
        f"{_LEDGER}income-statement/export/",
        statements.income_statement_export,
        name="income_statement_export",
    ),
    path(f"{_LEDGER}balance-sheet/", statements.balance_sheet, name="balance_sheet"),
    path(
        f"{_LEDGER}balance-sheet/export/",
        statements.balance_sheet_export,
        name="balance_sheet_export",
    ),
]
