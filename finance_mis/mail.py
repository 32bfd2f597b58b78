"""How mail leaves: by the server of EMAIL_URL, into a folder, or not at all.

smtp://user:password@host:25        in the clear, inside a machine or a network of one's own
smtp+tls://user:password@host:587   STARTTLS
smtps://user:password@host:465      TLS from the first byte
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from finance_mis import env

_BACKENDS = "django.core.mail.backends"
_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
_TIMEOUT_SECONDS = 10


def connection(folder: Path | None) -> dict[str, Any] | None:
    """Return the arguments of Django's `get_connection`; None: nothing is sent.

    Without EMAIL_URL mails become files in the folder, if one is given.

    Raises:
        ImproperlyConfigured: EMAIL_URL is none of the above.
    """
    url = env.text("EMAIL_URL")
    if url:
        return _server(url)
    if folder is None:
        return None
    return {"backend": f"{_BACKENDS}.filebased.EmailBackend", "file_path": str(folder)}


def site_url(*, is_needed: bool) -> str:
    """Return the address of the site, which links in mails begin with.

    Raises:
        ImproperlyConfigured: it is needed and missing.
    """
    if is_needed and env.text("EMAIL_URL"):
        env.require("SITE_URL")
    port = env.text("PORT", "8000")
    return env.text("SITE_URL", f"http://127.0.0.1:{port}").rstrip("/")


def _server(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ImproperlyConfigured("EMAIL_URL must read smtp+tls://user:password@host:587")
    return {
        "backend": f"{_BACKENDS}.smtp.EmailBackend",
        "host": parts.hostname,
        "port": parts.port or _PORTS[parts.scheme],
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": parts.scheme == "smtp+tls",
        "use_ssl": parts.scheme == "smtps",
        "timeout": _TIMEOUT_SECONDS,
    }
