"""Checks and transitions in the admin, read-only."""

from __future__ import annotations

from apps.core.admin import register_read_only
from apps.credit.models import BreakerTransition, CreditCheck

register_read_only(CreditCheck, BreakerTransition)
