"""URLs of accounts, dimensions and periods."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.ledgers.views import accounts, closing, dimensions, ledgers, periods, statements

_ACCOUNTS = "<slug:ledger>/accounts/"
_DIMENSIONS = "<slug:ledger>/dimensions/"
_PERIODS = "<slug:ledger>/periods/"

# Codes of accounts begin with a digit, so that no code hides one of the words.
urlpatterns: list[URLPattern] = [
    path("new/", ledgers.ledger_create, name="ledger_create"),
    path(_ACCOUNTS, accounts.account_list, name="account_list"),
    path(f"{_ACCOUNTS}new/", accounts.account_create, name="account_create"),
    path(f"{_ACCOUNTS}import/", accounts.chart_import, name="chart_import"),
    path(f"{_ACCOUNTS}options/", accounts.account_options, name="account_options"),
    path(f"{_ACCOUNTS}<str:code>/", statements.account_detail, name="account_detail"),
    path(f"{_ACCOUNTS}<str:code>/edit/", accounts.account_edit, name="account_edit"),
    path(
        f"{_ACCOUNTS}<str:code>/export/",
        statements.account_detail_export,
        name="account_detail_export",
    ),
    path(_DIMENSIONS, dimensions.dimension_list, name="dimension_list"),
    path(
        f"{_DIMENSIONS}new/",
        dimensions.dimension_value_create,
        name="dimension_value_create",
    ),
    path(
        f"{_DIMENSIONS}<int:pk>/owner/",
        dimensions.dimension_owner_edit,
        name="dimension_owner_edit",
    ),
    path(f"{_DIMENSIONS}options/", dimensions.dimension_options, name="dimension_options"),
    path(_PERIODS, periods.period_list, name="period_list"),
    path(f"{_PERIODS}new-year/", periods.fiscal_year_create, name="fiscal_year_create"),
    path(f"{_PERIODS}<int:pk>/change/", periods.period_change, name="period_change"),
    path(f"{_PERIODS}<int:pk>/close/", closing.period_close, name="period_close"),
    path(
        f"{_PERIODS}<int:pk>/close/step/", closing.period_close_step, name="period_close_step"
    ),
    path(
        f"{_PERIODS}<int:pk>/reopen/",
        closing.period_reopen_request,
        name="period_reopen_request",
    ),
    path(
        f"{_PERIODS}<int:pk>/reopen/decide/",
        closing.period_reopen_decide,
        name="period_reopen_decide",
    ),
    path("<slug:ledger>/closing-settings/", closing.closing_settings, name="closing_settings"),
]
