"""The bureau's HTTP: the standard library's server, since a bureau that is down hangs up.

    POST /v1/checks   {"counterparty": "…", …}, header Idempotency-Key → {"score": 712, …}
    GET  /            the control page; POST /control changes how the bureau behaves
    GET  /state       what came in, as JSON
    GET  /healthz     200, whatever the mode: it tells that the process is there

A WSGI server could neither close a connection without an answer nor let one trickle.
"""

from __future__ import annotations

import json
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from scripts.bureau.behaviour import Bureau
from scripts.bureau.page import STYLE, control_page

LARGEST_BODY = 64 * 1024
LONGEST_NAME = 200
SECONDS_WITHOUT_A_WORD = 30
DRIP_SECONDS = 0.05
DRIPS = 2000
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class BureauServer(ThreadingHTTPServer):
    """A server whose threads end with it."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], bureau: Bureau) -> None:
        """Listen, and keep the bureau's memory."""
        self.bureau = bureau
        super().__init__(address, Handler)


def make_server(host: str, port: int) -> BureauServer:
    """Return a server that listens already; port 0 takes a free one.

    Raises:
        OSError: the address is taken.
    """
    return BureauServer((host, port), Bureau())


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: BureauServer
    protocol_version = "HTTP/1.1"
    server_version = "bureau"
    sys_version = ""
    timeout = SECONDS_WITHOUT_A_WORD

    def do_GET(self) -> None:
        """Answer with the control page, its style, the state or health."""
        path = urlsplit(self.path).path
        if path == "/":
            self._send(HTTPStatus.OK, control_page(self.server.bureau), "text/html")
        elif path == "/control.css":
            self._send(HTTPStatus.OK, STYLE, "text/css")
        elif path == "/state":
            settings = vars(self.server.bureau.settings)
            self._send_json(HTTPStatus.OK, self.server.bureau.counts() | settings)
        elif path == "/healthz":
            self._send_json(HTTPStatus.OK, {"status": "ok"})
        else:
            self._send_json(HTTPStatus.NOT_FOUND, {"error": "not found"})

    def do_POST(self) -> None:
        """Make a check, or change how the bureau behaves."""
        body = self._body()
        if body is None:
            self.close_connection = True
            self._send_json(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": "the body is too large"}
            )
        elif self.path == "/v1/checks":
            self._check(body)
        elif self.path == "/control":
            self._control(body)
        else:
            self._send_json(HTTPStatus.NOT_FOUND, {"error": "not found"})

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing of single requests: the control page counts them."""

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdecimal()) or int(length[:9]) > LARGEST_BODY:
            return None
        return self.rfile.read(int(length))

    def _check(self, body: bytes) -> None:
        bureau = self.server.bureau
        fate = bureau.next_fate()
        time.sleep(bureau.settings.delay_ms / 1000)
        if fate == "hang_up":
            self.close_connection = True
        elif fate == "drip":
            self._drip()
        elif fate == "fail":
            self._send_json(HTTPStatus.SERVICE_UNAVAILABLE, {"error": "out of order"})
        else:
            self._answer_check(body)

    def _answer_check(self, body: bytes) -> None:
        key, name = self.headers.get("Idempotency-Key", ""), _counterparty(body)
        if not key or not name or len(name) > LONGEST_NAME:
            error = "send a counterparty and an Idempotency-Key"
            self._send_json(HTTPStatus.BAD_REQUEST, {"error": error})
            return
        self._send_json(HTTPStatus.OK, self.server.bureau.check(key, name))

    def _control(self, body: bytes) -> None:
        if not self._is_from_here():
            self._send_json(HTTPStatus.FORBIDDEN, {"error": "another site sent this form"})
            return
        try:
            self.server.bureau.change(dict(parse_qsl(body.decode("ascii"))))
        except ValueError as error:
            page = control_page(self.server.bureau, error=str(error))
            self._send(HTTPStatus.UNPROCESSABLE_ENTITY, page, "text/html")
            return
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", "/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _is_from_here(self) -> bool:
        """Tell whether a form was sent by our own page (or by no browser at all)."""
        origin = self.headers.get("Origin")
        host, port = self.server.server_address[:2]
        ours = {f"http://{name}:{port}" for name in ("127.0.0.1", "localhost", str(host))}
        is_our_host = f"http://{self.headers.get('Host', '')}" in ours
        return is_our_host and (origin is None or origin in ours)

    def _drip(self) -> None:
        """Send even the head of the answer so slowly that each single read is in time."""
        self.close_connection = True
        for letter in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"." * DRIPS:
            try:
                self.wfile.write(bytes([letter]))
            except OSError:
                return
            time.sleep(DRIP_SECONDS)

    def _send_json(self, status: HTTPStatus, body: dict[str, Any]) -> None:
        self._send(status, json.dumps(body, ensure_ascii=False), "application/json")

    def _send(self, status: HTTPStatus, text: str, content_type: str) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", f"{content_type}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _counterparty(body: bytes) -> str:
    """Return whom the body asks about, "" where it is no such body."""
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    name = asked.get("counterparty", "") if isinstance(asked, dict) else ""
    return name if isinstance(name, str) else ""
