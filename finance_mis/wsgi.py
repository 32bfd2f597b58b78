"""The entry for web servers: `granian --interface wsgi finance_mis.wsgi:application`."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from finance_mis import env

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")

if settings.PRODUCTION:
    env.require("SECRET_KEY")

application = get_wsgi_application()
