"""All URLs: each app's under its own prefix."""

from __future__ import annotations

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [path("admin/", admin.site.urls)]
for prefix, app in (
    ("", "apps.organizations"),
    ("", "apps.audit"),
    ("ledgers/", "apps.ledgers"),
    ("", "apps.reports"),
    ("", "apps.portal"),
):
    if find_spec(f"{app}.urls"):
        urlpatterns.append(path(prefix, include(f"{app}.urls")))
