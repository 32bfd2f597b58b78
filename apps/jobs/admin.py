"""Jobs in the admin, read-only."""

from __future__ import annotations

from apps.core.admin import register_read_only
from apps.jobs.models import Job

register_read_only(Job)
