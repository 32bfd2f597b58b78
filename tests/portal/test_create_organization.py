"""manage.py create_organization: the first steps of a new tenant."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.organizations.models import Organization, User
from apps.organizations.permissions import Role

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough sentence"


def create(*arguments: str) -> str:
    """Run the command and return what it printed."""
    output = StringIO()
    call_command("create_organization", *arguments, stdout=output)
    return output.getvalue()


def test_the_administrator_signs_in_by_the_printed_link() -> None:
    printed = create("north", "North", "--admin", "ada", "--url", "https://books.example/")
    found = re.search(r"https://books\.example(\S+)", printed)
    assert found is not None
    client = Client()

    form = client.get(found[1], follow=True)
    both = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    client.post(form.redirect_chain[-1][0], both)
    client.post("/sign-in/", {"username": "ada", "password": PASSWORD})

    assert client.get("/people/new/").status_code == 200
    assert User.objects.get(username="ada").roles() == {Role.ADMIN}


@pytest.mark.parametrize(("code", "admin"), [("north", "eve"), ("no space", "x"), ("y", "ADA")])
def test_what_cannot_be_used_is_refused_and_nothing_is_made(code: str, admin: str) -> None:
    create("north", "North", "--admin", "ada")

    with pytest.raises(CommandError):
        create(code, "Other", "--admin", admin)

    assert Organization.objects.count() == 1
    assert User.objects.exclude(username="system").count() == 1
