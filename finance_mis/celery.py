"""The Celery application: `celery -A finance_mis worker`.

The broker is a doorbell, never a truth. The state of every job stands in PostgreSQL and every
task is safe to run twice, because a killed worker's task is delivered again.
"""

from __future__ import annotations

import os
import warnings
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_init
from django.conf import settings

from finance_mis import env
from finance_mis.logging import LOGGING, configure

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")

app = Celery("finance_mis")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def log_like_the_web(**_kwargs: Any) -> None:
    """Keep Celery from installing its own log format."""
    configure(LOGGING)
    if settings.DEMO:
        # Whoever tries the demo as root knows, and has no other user to run it as.
        warnings.filterwarnings("ignore", "You're running the worker with superuser")


@worker_init.connect
def refuse_a_guessed_secret(**_kwargs: Any) -> None:
    """Start no production worker with a secret of its own: it would not match the web's."""
    if settings.PRODUCTION:
        env.require("SECRET_KEY")
