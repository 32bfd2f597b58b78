"""manage.py create_organization: a tenant and its first administrator."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_slug
from django.db import transaction
from django.urls import reverse

from apps.core.errors import FinanceError
from apps.core.trace import trace
from apps.organizations.services.people import password_link_of
from apps.portal.tenants import add_first_administrator, create_tenant


class Command(BaseCommand):
    """Make an organization and its first administrator, and print the link to a password."""

    help = (
        "Make an organization and its first administrator. Prints a link, good for three days, "
        "by which that person sets a password and then lets everybody else in."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for names."""
        parser.add_argument("code", help="short name in letters, digits and hyphens; it stays")
        parser.add_argument("name", help="what people call it")
        parser.add_argument("--name-zh", default="", help="its Chinese name")
        parser.add_argument("--admin", required=True, help="user name of the administrator")
        parser.add_argument("--email", default="", help="e-mail of the administrator")
        parser.add_argument(
            "--url", default="", help="where the site is, such as https://finance.example"
        )

    def handle(self, **options: Any) -> None:
        """Make both or nothing.

        Raises:
            CommandError: a code or name cannot be used.
        """
        try:
            validate_slug(options["code"])
            with trace(), transaction.atomic():
                organization = create_tenant(
                    options["code"], options["name"], options["name_zh"]
                )
                person = add_first_administrator(
                    organization, options["admin"], {"email": options["email"]}
                )
        except (FinanceError, ValidationError) as error:
            text = " ".join(error.messages) if isinstance(error, ValidationError) else error
            raise CommandError(str(text)) from error
        path = reverse("organizations:password_set", args=password_link_of(person))
        self.stdout.write(f"Made {organization.code} with its administrator {person.username}.")
        self.stdout.write(f"Set the password at {options['url'].rstrip('/')}{path}")
