"""One state of the database, seen by two connections."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import connection, connections

from apps.core.snapshots import snapshot


def _backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_second_connection_sees_the_state_of_the_first() -> None:
    seen: list[tuple[int, int]] = []
    with snapshot() as state:
        _add_elsewhere("came later")
        with state.beside(lambda: seen.append((_backend(), Group.objects.count()))):
            own = _backend()
        count = Group.objects.count()

    assert [rows for _backend, rows in seen] == [count]
    assert seen[0][0] != own
    assert Group.objects.count() == count + 1


@pytest.mark.django_db
def test_what_is_not_committed_is_read_by_the_same_connection() -> None:
    Group.objects.create(name="not committed")
    seen: list[bool] = []

    with snapshot() as state, state.beside(lambda: seen.append(Group.objects.exists())):
        pass

    assert seen == [True]


def _add_elsewhere(name: str) -> None:
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("INSERT INTO auth_group (name) VALUES (%s)", [name])
    finally:
        other.close()
