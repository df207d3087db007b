"""Where accepted documents are handed over to: one address, given by the operator.

Over the Internet only with TLS. A private address (an ERP system in the same network) must be
allowed by a setting of its own, so that a wrong or hijacked name cannot send documents to
something inside. Redirects are never followed.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from doctally.errors import ConfigurationError
from doctally.settings import Settings
from doctally.signature import keys_of

Resolve = Callable[..., Sequence[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Target:
    """The receiver; ``private`` allows addresses that are not of the Internet."""

    url: str
    host: str
    port: int
    tls: bool
    keys: tuple[bytes, ...]
    private: bool
    timeout_s: float


def target_of(settings: Settings) -> Target | None:
    """Return the receiver that the settings name, None without one; raises ConfigurationError."""
    if not settings.webhook_url:
        return None
    parts = urlsplit(settings.webhook_url)
    try:
        port = parts.port
    except ValueError as error:
        raise ConfigurationError(f"webhook_url: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError("webhook_url must start with https:// or http:// and name a host")
    tls = parts.scheme == "https"
    return Target(
        settings.webhook_url,
        parts.hostname,
        port or (443 if tls else 80),
        tls,
        keys_of(settings.webhook_secret.get_secret_value()),
        settings.webhook_private,
        settings.webhook_timeout_s,
    )


def check_address(target: Target, *, resolve: Resolve = socket.getaddrinfo) -> None:
    """Raise ConfigurationError if the receiver's host lies where we may not send documents.

    Raises OSError when the name cannot be resolved now.
    """
    found = resolve(target.host, target.port, type=socket.SOCK_STREAM)
    outside = []
    for address in sorted({str(entry[4][0]) for entry in found}):
        if ipaddress.ip_address(address.partition("%")[0]).is_global:
            outside.append(address)
        elif not target.private:
            raise ConfigurationError(
                f"webhook_url: {target.host} is at the private address {address}; if that is "
                "meant (an ERP system in your network), set DOCTALLY_WEBHOOK_PRIVATE=true"
            )
    if outside and not target.tls:
        raise ConfigurationError(
            f"webhook_url: {target.host} ({outside[0]}) is on the Internet; use https://"
        )
