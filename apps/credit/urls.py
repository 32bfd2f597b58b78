"""URLs of credit checks."""

from __future__ import annotations

from django.urls import path

from apps.credit import views

app_name = "credit"

urlpatterns = [
    path("", views.credit_overview, name="credit_overview"),
    path("checks/", views.credit_check_create, name="credit_check_create"),
    path("breaker/force-open/", views.breaker_force_open, name="breaker_force_open"),
    path("breaker/reset/", views.breaker_reset, name="breaker_reset"),
]
