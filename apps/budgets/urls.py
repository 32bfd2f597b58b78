"""URLs of budgets, each below its ledger."""

from __future__ import annotations

from django.urls import path

from apps.budgets import views

app_name = "budgets"

_OF_LEDGER = "ledgers/<slug:ledger>/budgets/"

urlpatterns = [
    path(_OF_LEDGER, views.budget_list, name="budget_list"),
    path(f"{_OF_LEDGER}new/", views.budget_create, name="budget_create"),
    path(f"{_OF_LEDGER}<int:pk>/", views.budget_detail, name="budget_detail"),
    path(f"{_OF_LEDGER}<int:pk>/edit/", views.budget_edit, name="budget_edit"),
]
