"""Configuration of the core app."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class CoreConfig(AppConfig):
    """Install what every database connection carries."""

    name = "apps.core"

    def ready(self) -> None:
        """Comment each SQL statement with its trace id, on every connection ever made."""
        from apps.core.trace import comment_statements  # noqa: PLC0415  (apps must be loaded)

        connection_created.connect(comment_statements, dispatch_uid="core.comment_statements")
