"""The service behind the preferences."""

from __future__ import annotations

import pytest

from apps.portal.services import Preferences, save_preferences
from tests.factories import make_organization, make_user

pytestmark = pytest.mark.django_db


def test_it_changes_only_what_was_chosen() -> None:
    user = make_user(make_organization(), theme="dark", language="en")

    save_preferences(user, Preferences(language="zh-hans"))

    user.refresh_from_db()
    assert (user.theme, user.language) == ("dark", "zh-hans")


def test_it_writes_nothing_when_nothing_was_chosen() -> None:
    user = make_user(make_organization())
    before = user.history.count()

    save_preferences(user, Preferences())

    assert user.history.count() == before
