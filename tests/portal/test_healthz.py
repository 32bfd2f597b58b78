"""The health page: what answers, and with which status."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse

from apps.portal import health

pytestmark = pytest.mark.django_db


@pytest.fixture
def _worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_ping", lambda: True)


@pytest.mark.usefixtures("_worker")
def test_it_is_ok_when_all_answer(client: Client) -> None:
    response = client.get(reverse("portal:healthz"))

    assert response.status_code == 200
    assert response.json()["status"] == "ok"
    assert "no-store" in response["Cache-Control"]


def test_it_is_degraded_without_a_worker(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_ping", lambda: False)

    response = client.get(reverse("portal:healthz"))

    assert response.status_code == 200
    assert response.json() | {"version": ""} == {
        "status": "degraded", "version": "", "database": True, "redis": True, "worker": False
    }  # fmt: skip


@pytest.mark.usefixtures("_worker")
def test_it_is_down_without_the_database(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", refuse)

    response = client.get(reverse("portal:healthz"))

    assert response.status_code == 503
    assert response.json()["status"] == "down"


@pytest.mark.usefixtures("_worker")
def test_it_is_down_without_redis(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_key: str) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(cache, "get", refuse)

    response = client.get(reverse("portal:healthz"))

    assert response.status_code == 503


def test_it_asks_the_worker_once_for_many_requests(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def answer() -> bool:
        asked.append(True)
        return True

    monkeypatch.setattr(health, "_ping", answer)

    for _ in range(3):
        client.get(reverse("portal:healthz"))

    assert len(asked) == 1


def test_no_worker_means_no_answer_to_a_ping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_PING_SECONDS", 0.01)

    assert health.check_health().worker is False
