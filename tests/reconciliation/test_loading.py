"""Rows come from PostgreSQL into files as they are, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from psycopg import errors

from apps.reconciliation.services import loading

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_row_is_written_as_a_line_of_csv(tmp_path: Path) -> None:
    loading._copy("VALUES (1, 'a,b', NULL), (2, 'say \"é\"', '')", tmp_path / "rows.csv")

    assert (tmp_path / "rows.csv").read_text() == '1,"a,b",\\N\n2,"say ""é""",\n'


def test_an_error_after_some_rows_is_raised_and_the_connection_goes_on(tmp_path: Path) -> None:
    with pytest.raises(errors.DivisionByZero):
        loading._copy("SELECT 1 / (500 - n) FROM generate_series(1, 1000) n", tmp_path / "x")

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
