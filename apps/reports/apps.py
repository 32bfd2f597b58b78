"""The reports app."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Statements; no tables of their own yet."""

    name = "apps.reports"
    label = "reports"
