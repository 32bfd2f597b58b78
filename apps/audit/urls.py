"""URLs of the audit trail."""

from __future__ import annotations

from django.urls import path

from apps.audit import views

app_name = "audit"

urlpatterns = [
    path("audit/", views.operation_list, name="operation_list"),
    path("audit/export.csv", views.operation_export, name="operation_export"),
    path("audit/<int:pk>/", views.operation_detail, name="operation_detail"),
]
