"""Background work of rates; every task is safe to run twice."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import urlsplit

import structlog
from celery import shared_task
from django.conf import settings

from apps.core.errors import FinanceError
from apps.core.trace import trace
from apps.fx.clients import fetch_published
from apps.fx.services.published_files import MAX_BYTES
from apps.fx.services.rate_imports import import_for_everybody

log = structlog.get_logger(__name__)


@shared_task(name="fx.fetch_ecb_rates")
def fetch_ecb_rates() -> None:
    """Import what the configured address publishes, for all organizations; off without one."""
    if not settings.ECB_RATES_URL:
        return
    name = PurePosixPath(urlsplit(settings.ECB_RATES_URL).path).name or "rates"
    with trace():
        try:
            done = import_for_everybody(
                fetch_published(settings.ECB_RATES_URL, limit=MAX_BYTES), name
            )
        except FinanceError as error:
            # Nothing was changed; the next run tries again, and look-ups refuse old rates.
            log.warning("rates.refused", code=error.code, reason=str(error))
        else:
            log.info("rates.imported", new=done.new_count, changed=done.changed_count)
