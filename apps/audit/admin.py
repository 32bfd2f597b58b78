"""The operation log in the admin, read-only."""

from __future__ import annotations

from apps.audit.models import OperationLog
from apps.core.admin import register_read_only

register_read_only(OperationLog)
