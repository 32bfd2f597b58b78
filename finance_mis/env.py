"""Read settings from the environment: text, flags, numbers, lists, and the URLs of servers."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}
_LONGEST_KEY_ID, _SHORTEST_SECRET = 20, 32


def text(name: str, default: str = "") -> str:
    """Return a variable, the default where it is unset or empty."""
    return os.environ.get(name) or default


def require(name: str) -> None:
    """Refuse to go on without a variable.

    Raises:
        ImproperlyConfigured: it is unset or empty.
    """
    if not text(name):
        raise ImproperlyConfigured(f"{name} is not set, and in production it must be")


def flag(name: str, *, default: bool = False) -> bool:
    """Return a yes or no.

    Raises:
        ImproperlyConfigured: the variable holds neither.
    """
    value = os.environ.get(name, "1" if default else "").strip().lower()
    if value not in _TRUE | _FALSE:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}")
    return value in _TRUE


def number(name: str, default: int) -> int:
    """Return a whole number.

    Raises:
        ImproperlyConfigured: the variable holds something else.
    """
    try:
        return int(text(name, str(default)))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number") from error


def items(name: str, default: str = "") -> list[str]:
    """Return a list that is separated by commas."""
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


def amounts(name: str, default: str = "") -> dict[str, Decimal]:
    """Return amounts by currency: `CNY:50000,USD:7000`.

    Raises:
        ImproperlyConfigured: the variable holds something else.
    """
    pairs = [item.partition(":") for item in items(name, default)]
    try:
        found = {currency: Decimal(amount) for currency, _, amount in pairs}
    except InvalidOperation as error:
        raise ImproperlyConfigured(f"{name} must read CNY:50000,USD:7000") from error
    if not all(amount.is_finite() and amount >= 0 for amount in found.values()):
        raise ImproperlyConfigured(f"{name} must hold amounts of zero or more")
    return found


def secret_key(name: str, kept_in: Path | None) -> str:
    """Return a secret from the environment, else from a private file that is made once.

    Without a file the secret lives as long as the process: enough for tools, not for servers.
    """
    given = text(name)
    if given or kept_in is None:
        return given or secrets.token_urlsafe(48)
    kept_in.parent.mkdir(parents=True, exist_ok=True)
    try:
        # O_EXCL: of two processes that start together, one writes and the other reads.
        descriptor = os.open(kept_in, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return kept_in.read_text().strip() or secrets.token_urlsafe(48)
    with os.fdopen(descriptor, "w") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret)
    return secret


def signing_keys(name: str, *secrets_of_old: str) -> dict[str, bytes]:
    """Return keys by their names: `2026a:secret,2025b:secret`; the first one signs.

    Those that follow from `secrets_of_old` come after them, to sign when there is no other
    and to verify what was signed before.

    Raises:
        ImproperlyConfigured: the variable holds something else, or a short secret.
    """
    pairs = [item.partition(":") for item in items(name)]
    if not all(
        key and len(key) <= _LONGEST_KEY_ID and len(s) >= _SHORTEST_SECRET
        for key, _, s in pairs
    ):
        raise ImproperlyConfigured(f"{name} must read name:secret,…, secrets of 32 characters")
    keys = {key: secret.encode() for key, _, secret in pairs}
    for secret in secrets_of_old:
        derived = hmac.digest(secret.encode(), name.encode(), "sha256")
        keys[hashlib.sha256(derived).hexdigest()[:8]] = derived
    return keys


def database(url: str) -> dict[str, Any]:
    """Return Django's settings for `postgresql://user:password@host:port/name?option=value`.

    The host may be a folder of Unix sockets: `postgresql://user@/name?host=/run/postgresql`.

    Raises:
        ImproperlyConfigured: it is not a PostgreSQL URL with a database name.
    """
    parts = urlsplit(url)
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgres", "postgresql"} or not name:
        raise ImproperlyConfigured(
            "DATABASE_URL must read postgresql://user:password@host:5432/database"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": options,
    }


def celery_broker(redis_url: str) -> str:
    """Return a Redis URL in the form that Celery knows: a Unix socket has its own scheme."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database_number = parse_qs(parts.query).get("db", ["0"])[-1]
    return f"redis+socket://{parts.path}?virtual_host={database_number}"
