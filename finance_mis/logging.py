"""Logs: one JSON object for each line, with the trace id, masked last of all.

Masking stands after everything else that adds to a line, so that nothing slips past it.
"""

from __future__ import annotations

import logging
import logging.config
from collections.abc import MutableMapping
from typing import Any

import structlog

from apps.core.masking import mask
from apps.core.trace import current_trace_id

Line = MutableMapping[str, Any]


def add_trace_id(_logger: object, _method: str, line: Line) -> Line:
    """Name the request, command or task that the line belongs to."""
    trace_id = current_trace_id()
    if trace_id:
        line["trace_id"] = trace_id
    return line


def mask_line(_logger: object, _method: str, line: Line) -> Line:
    """Hide account numbers and secrets."""
    masked: Line = mask(line)
    return masked


class WithoutWatching(logging.Filter):
    """Leave out that nothing changed in the files that development looks at all the time."""

    TASKS = frozenset({"policies.propose_changed_files"})

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep everything but the comings and goings of these tasks."""
        about = getattr(record, "data", None)
        name = about.get("name") if isinstance(about, dict) else None
        return record.levelno > logging.INFO or name not in self.TASKS


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    add_trace_id,
]
_LAST: list[Any] = [
    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
    structlog.processors.format_exc_info,
    mask_line,
    structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
]
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "foreign_pre_chain": _SHARED,
            "processors": _LAST,
        }
    },
    "filters": {"without_watching": {"()": WithoutWatching}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json",
            "filters": ["without_watching"],
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # Refused requests are answers, not faults; the access log counts them.
        "django.request": {"level": "ERROR"},
        "axes": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
    },
}


def configure(config: dict[str, Any]) -> None:
    """Apply the configuration (the function of Django's LOGGING_CONFIG)."""
    logging.config.dictConfig(config)
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
