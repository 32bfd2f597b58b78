"""The project: settings, URLs, and the entries for web servers and workers."""

from finance_mis.celery import app as celery_app

__all__ = ["celery_app"]
