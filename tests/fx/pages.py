"""Browsers of people, and what they see."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from apps.organizations.models import Organization, User
from apps.organizations.permissions import Role
from tests.factories import make_user


def browser_of(user: User) -> Client:
    """Return a browser in which the user is signed in."""
    client = Client()
    client.force_login(user)
    return client


def treasury(home: Organization) -> Client:
    """Return the browser of somebody of treasury."""
    return browser_of(make_user(home, Role.TREASURY))


def text_of(client: Client, name: str, *args: object, **query: str) -> str:
    """Return a page that must be there."""
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()
