"""Configuration of the core app."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models import CharField, TextField

from apps.core.lookups import Holds


class CoreConfig(AppConfig):
    """Install what every database connection carries."""

    name = "apps.core"

    def ready(self) -> None:
        """Comment each SQL statement with its trace id; let texts be searched by `holds`."""
        from apps.core.trace import comment_statements  # noqa: PLC0415  (apps must be loaded)

        for field in (CharField, TextField):
            field.register_lookup(Holds)
        connection_created.connect(comment_statements, dispatch_uid="core.comment_statements")
