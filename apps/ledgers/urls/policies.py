"""URLs of policies that need the books."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.ledgers.views import policy_preview

urlpatterns: list[URLPattern] = [
    path("policies/<int:number>/", policy_preview.policy_preview, name="policy_preview"),
]
