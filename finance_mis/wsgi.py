"""The entry for web servers: `granian --interface wsgi finance_mis.wsgi:application`."""

from __future__ import annotations

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from finance_mis import env

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")

if settings.PRODUCTION:
    env.require("SECRET_KEY")

application = get_wsgi_application()

# What is loaded by now stays. Without this a request in seven of those that read many rows
# waits 0.1 s for the collector to look through all modules again.
get_resolver().url_patterns  # noqa: B018  (loads every view)
gc.collect()
gc.freeze()
