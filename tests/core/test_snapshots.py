"""One state of the database, seen by several connections and written to files."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.db import connections
from psycopg import errors

from apps.core.snapshots import snapshot

_BACKEND_AND_GROUPS = "SELECT pg_backend_pid(), count(*) FROM auth_group"


@pytest.mark.django_db(transaction=True)
def test_connections_beside_see_the_state_of_the_first(tmp_path: Path) -> None:
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    with snapshot() as state:
        _add_elsewhere("came later")
        state.copy_out(dict.fromkeys(paths, _BACKEND_AND_GROUPS))
        count = Group.objects.count()

    backends, counts = zip(
        *(path.read_text().strip().split(",") for path in paths), strict=True
    )
    assert counts == (str(count), str(count))
    assert len(set(backends)) == len(paths)
    assert Group.objects.count() == count + 1


@pytest.mark.django_db
def test_what_is_not_committed_is_read_by_the_same_connection(tmp_path: Path) -> None:
    Group.objects.create(name="not committed")
    queries = {tmp_path / name: _BACKEND_AND_GROUPS for name in "ab"}

    with snapshot() as state:
        state.copy_out(queries)

    a, b = (path.read_text() for path in queries)
    assert a == b
    assert a.endswith(",1\n")


@pytest.mark.django_db(transaction=True)
def test_a_row_is_written_as_a_line_of_csv(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    with snapshot() as state:
        state.copy_out({path: "VALUES (1, 'a,b', NULL), (2, 'say \"é\"', '')"})

    assert path.read_text() == '1,"a,b",\\N\n2,"say ""é""",\n'


@pytest.mark.django_db(transaction=True)
def test_rows_of_several_reads_come_whole_and_in_order(tmp_path: Path) -> None:
    """More than a socket holds, of different lengths, so that all wait for each other."""
    wanted = {"short": 1, "long": 2_000, "none": 0}
    queries = {
        tmp_path / name: f"SELECT n, repeat('x', {length}) FROM generate_series(1, 5000) n"
        for name, length in wanted.items()
    }
    queries[tmp_path / "none"] += " WHERE false"

    with snapshot() as state:
        state.copy_out(queries)

    for name, length in wanted.items():
        lines = [f"{n},{'x' * length}" for n in range(1, 5_001)] if length else []
        assert (tmp_path / name).read_text().splitlines() == lines


@pytest.mark.django_db(transaction=True)
def test_an_error_of_one_read_is_raised_and_the_connection_goes_on(tmp_path: Path) -> None:
    broken = "SELECT 1 / (500 - n) FROM generate_series(1, 1000) n"
    endless = "SELECT n, repeat('x', 1000) FROM generate_series(1, 50000000) n"

    for queries in ([broken, endless], [endless, broken]):
        with pytest.raises(errors.DivisionByZero), snapshot() as state:
            state.copy_out({tmp_path / str(n): sql for n, sql in enumerate(queries)})
        assert Group.objects.count() >= 0


def _add_elsewhere(name: str) -> None:
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("INSERT INTO auth_group (name) VALUES (%s)", [name])
    finally:
        other.close()
