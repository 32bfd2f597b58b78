"""The bureau of the demo: what it answers, how it misbehaves, what its page lets whom do."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread

import httpx
import pytest

from scripts.bureau.behaviour import Settings, changed, score_of
from scripts.bureau.server import make_server

KEY = {"Idempotency-Key": "one"}


@pytest.fixture
def bureau() -> Iterator[httpx.Client]:
    server = make_server("127.0.0.1", 0)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}") as client:
        yield client
    server.shutdown()
    thread.join()
    server.server_close()


def check(client: httpx.Client, name: str = "Huaxin") -> httpx.Response:
    return client.post("/v1/checks", json={"counterparty": name}, headers=KEY)


def test_a_score_belongs_to_a_name_and_lies_in_range() -> None:
    scores = [score_of(f"Company {number}") for number in range(1000)]

    assert score_of(" HUAXIN ") == score_of("huaxin")
    assert 300 <= min(scores) < 350
    assert 800 < max(scores) <= 850


def test_every_nth_request_fails(bureau: httpx.Client) -> None:
    bureau.post("/control", data={"mode": "flaky", "fail_every": "3"})

    assert [check(bureau).status_code for _ in range(6)] == [200, 200, 503, 200, 200, 503]


def test_a_seed_chooses_the_same_share_again() -> None:
    flaky = Settings(mode="flaky", fail_every=0, fail_percent=30, seed=5)
    fates = [flaky.fate_of(number) for number in range(1, 1001)]

    assert fates == [flaky.fate_of(number) for number in range(1, 1001)]
    assert 250 < fates.count("fail") < 350


def test_down_hangs_up_and_health_still_tells_that_it_is_there(bureau: httpx.Client) -> None:
    bureau.post("/control", data={"mode": "down"})

    with pytest.raises(httpx.RemoteProtocolError):
        check(bureau)
    assert bureau.get("/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize(
    "wanted", [{"mode": "odd"}, {"delay_ms": "-1"}, {"delay_ms": "９"}, {"fail_percent": "101"}]
)
def test_a_setting_that_cannot_be_changes_nothing(
    bureau: httpx.Client, wanted: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match=r"is (one of|a whole number)"):
        changed(Settings(), wanted)

    assert bureau.post("/control", data=wanted).status_code == 422
    assert bureau.get("/state").json()["mode"] == "ok"


def test_another_site_cannot_change_it(bureau: httpx.Client) -> None:
    wanted = {"mode": "down"}
    evil = bureau.post("/control", data=wanted, headers={"Origin": "http://evil.example"})
    rebound = bureau.post("/control", data=wanted, headers={"Host": "evil.example"})

    assert (evil.status_code, rebound.status_code) == (403, 403)
    assert bureau.get("/state").json()["mode"] == "ok"


def test_the_page_has_a_strict_policy_and_nothing_inline(bureau: httpx.Client) -> None:
    page = bureau.get("/")

    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert page.text.count("<label") == 8


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"counterparty": 7}', b"[" * 60_000])
def test_a_question_that_is_none_is_refused(bureau: httpx.Client, body: bytes) -> None:
    assert bureau.post("/v1/checks", content=body, headers=KEY).status_code == 400


def test_a_body_that_is_too_large_is_refused(bureau: httpx.Client) -> None:
    assert bureau.post("/v1/checks", content=b"x" * 70_000, headers=KEY).status_code == 413
