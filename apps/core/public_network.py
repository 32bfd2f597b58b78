"""HTTP to addresses that people typed: to public servers by https, and to nowhere else.

The name is looked up once, every address that it has must be public, and the connection goes
to that very address: a name that leads elsewhere a moment later leads nowhere. The
certificate is checked against the name, as always.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

import httpcore

from apps.core.deadlines import DeadlineBackend

HTTPS = 443
# IPv6 addresses that carry one of IPv4: NAT64, 6to4, Teredo.
_CARRIERS = tuple(ip_network(text) for text in ("64:ff9b::/96", "2002::/16", "2001::/32"))


class NotPublic(Exception):
    """An address is none of a public server that is reached by https."""


def is_public(address: str) -> bool:
    """Say whether an address in numbers belongs to the internet."""
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            found = found.ipv4_mapped
        elif any(found in carrier for carrier in _CARRIERS):
            return False
    return found.is_global and not found.is_multicast


def check_public_url(url: str) -> None:
    """Check the shape of an address, without looking its name up.

    Raises:
        NotPublic: it is not https at the usual port, names a user, or an address that is not
            of the internet.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or HTTPS
    except ValueError as error:
        raise NotPublic from error
    if parts.scheme != "https" or not host or port != HTTPS or "@" in parts.netloc:
        raise NotPublic
    try:
        public = is_public(host)
    except ValueError:
        # A name; what it means now says nothing about later, so it is looked up when used.
        public = "." in host and not host.endswith((".local", ".internal", ".localhost"))
    if not public:
        raise NotPublic


def public_addresses(host: str, port: int) -> list[str]:
    """Return the addresses of a name.

    Raises:
        NotPublic: it has none, or one that is not public.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotPublic from error
    addresses = [str(place[0]) for *_kind, place in found]
    if not addresses or not all(is_public(address) for address in addresses):
        raise NotPublic
    return addresses


class PublicBackend(DeadlineBackend):
    """Opens connections to public servers only."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: Any = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the address that was checked, whatever the name means later."""
        address = public_addresses(host, port)[0]
        return super().connect_tcp(address, port, timeout, local_address, socket_options)
