"""What every request passes: trace id, hostile bytes, caches, refusals, the browser's rules."""

from __future__ import annotations

import io
import json
import re

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from apps.core.errors import StaleVersion
from apps.core.middleware import FinanceErrorMiddleware, HostileInputMiddleware
from apps.core.trace import trace
from apps.organizations.permissions import Role
from tests.factories import PASSWORD, make_organization, make_user

pytestmark = pytest.mark.django_db
SIGN_IN = "/sign-in/"
TRACE = "0af7651916cd43dd8448eb211c80319c"


def test_the_trace_of_the_caller_comes_back_and_stands_on_the_page(client: Client) -> None:
    response = client.get(SIGN_IN, headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"})

    assert response["X-Trace-ID"] == TRACE
    assert TRACE in response.content.decode()


@pytest.mark.parametrize("header", ["", "nonsense", f"00-{'0' * 32}-b7ad6b7169203331-01"])
def test_a_trace_that_is_not_valid_is_replaced(client: Client, header: str) -> None:
    response = client.get(SIGN_IN, headers={"traceparent": header})

    assert re.fullmatch("[0-9a-f]{32}", response["X-Trace-ID"])
    assert response["X-Trace-ID"] != "0" * 32


@pytest.mark.parametrize("query", ["q=%00", "%00=q", "q=a%00b"])
def test_nul_in_an_address_is_400_and_never_500(client: Client, query: str) -> None:
    client.force_login(make_user(make_organization(), Role.AUDITOR))

    response = client.get(f"/people/?{query}")

    assert response.status_code == 400
    assert "X-Trace-ID" in response


def test_nul_in_a_path_or_a_form_is_refused(client: Client) -> None:
    body = b"username=a%00b&password=x"

    posted = client.post(SIGN_IN, body, content_type="application/x-www-form-urlencoded")

    assert posted.status_code == 400
    assert client.get("/people/%00/").status_code in {400, 404}


@pytest.mark.parametrize("charset", ["utf-16", "latin-1", "gbk"])
def test_a_form_in_another_encoding_is_refused_with_a_page(
    client: Client, charset: str
) -> None:
    kind = f"application/x-www-form-urlencoded; charset={charset}"

    response = client.generic("POST", SIGN_IN, b"username=a", content_type=kind)

    assert response.status_code == 400
    assert "cannot be read" in response.content.decode()


@pytest.mark.parametrize("boundary", ["", "b\xff", "x" * 300])
def test_a_form_that_is_no_form_is_refused_with_a_page(client: Client, boundary: str) -> None:
    kind = f"multipart/form-data; boundary={boundary}"

    response = client.generic("POST", SIGN_IN, b"--b\r\nnonsense", content_type=kind)

    assert response.status_code == 400


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"username=a&password=b"),
        ("multipart/form-data; boundary=b",
         b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n'),
    ],
)  # fmt: skip
def test_a_body_that_is_cut_short_is_not_taken_for_the_whole(kind: str, body: bytes) -> None:
    passed = HostileInputMiddleware(lambda _request: HttpResponse("passed"))

    def answer(announced: int) -> HttpResponse:
        environ = {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(announced),
            "wsgi.input": io.BytesIO(body),
        }
        request = WSGIRequest(environ)
        request.session = SessionStore()
        return passed(request)

    assert answer(len(body)).content == b"passed"
    assert answer(len(body) + 10).status_code == 400


def test_a_request_larger_than_anything_is_not_read(client: Client) -> None:
    response = client.post(SIGN_IN, {"a": "b"}, CONTENT_LENGTH=str(10**10))

    assert response.status_code == 413


def test_pages_of_a_signed_in_person_stay_out_of_every_cache(client: Client) -> None:
    client.force_login(make_user(make_organization(), Role.AUDITOR))

    response = client.get("/people/")

    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]


def test_no_page_allows_inline_script_or_style(client: Client) -> None:
    policy = client.get(SIGN_IN)["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


def test_a_form_without_its_token_is_refused_with_a_page() -> None:
    response = Client(enforce_csrf_checks=True).post(SIGN_IN, {"username": "a"})

    assert response.status_code == 403
    assert "The form has expired" in response.content.decode()


def test_cookies_of_the_session_are_out_of_reach_of_scripts(client: Client) -> None:
    person = make_user(make_organization())
    client.get(SIGN_IN)

    client.post(SIGN_IN, {"username": person.username, "password": PASSWORD})

    assert set(client.cookies) == {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


def test_a_refusal_that_no_view_handled_is_a_problem_for_machines() -> None:
    request = RequestFactory().get("/x", headers={"accept": "application/json"})

    with trace(TRACE):
        response = refusal(request)

    assert (response.status_code, response["Content-Type"]) == (409, "application/problem+json")
    problem = json.loads(response.content)
    assert (problem["code"], problem["status"], problem["trace_id"]) == (
        "stale_version",
        409,
        TRACE,
    )


def test_a_bug_is_left_to_be_a_bug() -> None:
    middleware = FinanceErrorMiddleware(lambda _request: HttpResponse())

    assert middleware.process_exception(RequestFactory().get("/x"), KeyError("bug")) is None


def refusal(request: HttpRequest) -> HttpResponse:
    """Return the answer to a stale version."""
    middleware = FinanceErrorMiddleware(lambda _request: HttpResponse())
    response = middleware.process_exception(request, StaleVersion(what="entry"))
    assert response is not None
    return response
