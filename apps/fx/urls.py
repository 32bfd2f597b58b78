"""URLs of exchange rates."""

from __future__ import annotations

from django.urls import path

from apps.fx.views import imports, rates, table

app_name = "fx"

urlpatterns = [
    path("rates/", table.rate_list, name="rate_list"),
    path("rates/export/", table.rate_export, name="rate_export"),
    path("rates/convert/", table.rate_convert, name="rate_convert"),
    path("rates/new/", rates.rate_create, name="rate_create"),
    path("rates/<int:pk>/", rates.rate_detail, name="rate_detail"),
    path("rates/<int:pk>/confirm/", rates.rate_confirm, name="rate_confirm"),
    path("rates/<int:pk>/reject/", rates.rate_reject, name="rate_reject"),
    path("rates/pair/<slug:pair>/", table.pair_detail, name="pair_detail"),
    path("rates/imports/", imports.rate_import_create, name="rate_import_create"),
    path("rates/imports/<int:pk>/", imports.rate_import_detail, name="rate_import_detail"),
    path(
        "rates/imports/<int:pk>/continue/",
        imports.rate_import_continue,
        name="rate_import_continue",
    ),
    path(
        "rates/imports/<int:pk>/confirm/",
        imports.rate_import_confirm,
        name="rate_import_confirm",
    ),
    path(
        "rates/imports/<int:pk>/reject/", imports.rate_import_reject, name="rate_import_reject"
    ),
]
