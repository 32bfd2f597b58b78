"""What a process of its own gives for a rate that changes meanwhile.

It is started anew, not forked: a fork of a process with threads may wait for ever for what one
of them held. So nothing of Django is imported before the settings are read.
"""

from __future__ import annotations

import os
from decimal import Decimal
from multiprocessing.connection import Connection


def watch(database: str, organization_id: int, parent: Connection) -> None:
    """Fill the cache of this process, then tell of the first other rate that it gives."""
    _set_up(database)
    from apps.core import notifications  # noqa: PLC0415  (after the settings)
    from apps.fx.services.lookup import cache_state, find_rate  # noqa: PLC0415
    from apps.organizations.models import Organization  # noqa: PLC0415
    from tests.core.test_notifications import wait_until  # noqa: PLC0415
    from tests.factories import DAY  # noqa: PLC0415

    notifications.POLL_SECONDS = notifications.DEAF_AFTER_SECONDS = 3600
    home = Organization.objects.get(pk=organization_id)

    def now() -> Decimal:
        return find_rate(home, "USD", "CNY", on=DAY).rate

    first = now()
    wait_until(notifications.is_hearing)
    now()
    parent.send(cache_state().count)
    wait_until(lambda: now() != first)
    parent.send(([first, now()], cache_state().is_hearing))
    notifications.stop_listening()


def _set_up(database: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    import django  # noqa: PLC0415  (as above)
    from django.conf import settings  # noqa: PLC0415

    settings.DATABASES["default"]["NAME"] = database
    settings.LISTEN_FOR_CHANGES = True
    django.setup()
