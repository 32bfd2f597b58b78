"""The trace id, from the caller to the SQL statement."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.core.trace import current_trace_id, new_trace_id, trace, trace_id_from

GIVEN = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_it_takes_the_trace_of_a_valid_traceparent() -> None:
    assert trace_id_from(f"00-{GIVEN}-00f067aa0ba902b7-01") == GIVEN


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        GIVEN,
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{GIVEN}-00f067aa0ba902b7-01'--",
    ],
)
def test_it_makes_one_when_the_header_is_not_valid(header: str | None) -> None:
    made = trace_id_from(header)

    assert made != GIVEN
    assert len(made) == len(GIVEN)


def test_it_ends_with_its_block() -> None:
    with trace() as outer, trace("a" * 32):
        assert current_trace_id() == "a" * 32
    assert current_trace_id() == ""
    assert outer != new_trace_id()


@pytest.mark.django_db
def test_every_statement_carries_it_as_a_comment() -> None:
    with trace(GIVEN), CaptureQueriesContext(connection) as queries, connection.cursor() as sql:
        sql.execute("SELECT 1")

    assert queries[0]["sql"].endswith(f"/* trace_id={GIVEN} */")


@pytest.mark.django_db
@pytest.mark.parametrize("values", [["100 %"], ("100 %",), {"text": "100 %"}])
def test_a_statement_with_values_carries_it_beside_them(values: Any) -> None:
    place = "%(text)s" if isinstance(values, dict) else "%s"

    with trace(GIVEN), CaptureQueriesContext(connection) as queries, connection.cursor() as sql:
        sql.execute(f"SELECT {place}", values)
        found = sql.fetchone()

    assert found == ("100 %",)
    assert GIVEN in queries[0]["sql"].partition("/* trace_id=")[2]


@pytest.mark.django_db
def test_the_answer_names_it(client: Client) -> None:
    answer = client.get("/healthz", headers={"traceparent": f"00-{GIVEN}-00f067aa0ba902b7-01"})

    assert answer["X-Trace-ID"] == GIVEN
