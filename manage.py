#!/usr/bin/env python
"""Django's command line; `./run env python manage.py ...` runs it with the servers up."""

import os
import sys


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finance_mis.settings")
    from django.core.management import (  # noqa: PLC0415  (the settings come first)
        execute_from_command_line,
    )

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
