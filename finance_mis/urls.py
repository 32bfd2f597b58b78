"""All URLs, those of each app from its own module."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("apps.portal.urls")),
    path("", include("apps.organizations.urls")),
    path("", include("apps.audit.urls")),
    path("", include("apps.events.urls")),
    path("", include("apps.jobs.urls")),
    path("", include("apps.fx.urls")),
    path("", include("apps.reports.urls")),
    path("approvals/", include("apps.approvals.urls")),
    path("credit/", include("apps.credit.urls")),
    path("policies/", include("apps.policies.urls")),
    path("rollouts/", include("apps.rollout.urls")),
    path("", include("apps.budgets.urls")),
    path("statements/", include("apps.statements.urls")),
    path("reconciliation/", include("apps.reconciliation.urls")),
    path("ledgers/", include("apps.ledgers.urls")),
    path("admin/", admin.site.urls),
]
