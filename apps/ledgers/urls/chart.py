"""URLs of accounts, dimensions and periods."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
