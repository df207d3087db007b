"""Where the page may be reached from, and who somebody is: on this machine, by session, by token.

Without an administrator who can log in there is one user, the owner of this process, and only
this machine may ask. With one, everybody logs in.
"""

from __future__ import annotations

import getpass
import ipaddress
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from db import sessions, tokens, users
from db.database import Database
from doctally.errors import ConfigurationError
from doctally.people import Identity, Role

COOKIE = "doctally_session"
SECURE_COOKIE = "__Host-doctally_session"
"""Over HTTPS: browsers take a cookie of this name only from us, for all paths, encrypted."""
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Access:
    """What the guard decides by: the address we are bound to, further names, the clock."""

    database: Database
    host: str
    now: Callable[[], datetime]
    names: frozenset[str] = frozenset()
    own: frozenset[str] = field(default_factory=lambda: own_names())

    @property
    def open_beyond(self) -> bool:
        """Tell whether others than this machine can reach the page."""
        return not is_loopback(self.host) or not self.names <= LOOPBACK_NAMES

    def local(self) -> Identity | None:
        """Return the owner of this process where nobody has to log in."""
        if self.open_beyond or users.log_in_needed(self.database):
            return None
        return Identity(owner(), Role.ADMIN, "local")

    def knows(self, host: str) -> bool:
        """Tell whether a request's host is a name of ours, so no rebound name of a stranger."""
        if host in self.names or host in LOOPBACK_NAMES:
            return True
        return not is_loopback(self.host) and (host in self.own or _is_address(host))

    def identify(self, *, token: str | None, secret: str | None, proxied: bool) -> Identity | None:
        """Return who shows this token or this session's secret, or is on this machine.

        ``proxied``: the request came through a proxy, which may stand for anybody.
        """
        if token is not None:
            return tokens.identity(self.database, token, now=self.now())
        if secret is not None:
            found = sessions.identity(self.database, secret, now=self.now())
            if found is not None:
                return found
        return None if proxied else self.local()


def access(
    database: Database, *, host: str, names: Sequence[str], now: Callable[[], datetime]
) -> Access:
    """Return the rules of access; raises ConfigurationError (user_needed) like check_binding."""
    found = Access(database, host, now, frozenset(name.lower() for name in names))
    check_binding(found)
    return found


def check_binding(access: Access) -> None:
    """Raise ConfigurationError (user_needed) if others could reach the page and nobody logs in."""
    if access.open_beyond and not users.log_in_needed(access.database):
        raise ConfigurationError(
            f"the review page is not opened beyond this machine ({access.host}) as long as "
            "anybody could use it; first make an administrator: "
            "doctally users add NAME --role admin",
            code="user_needed",
        )


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach the address; a name counts as what it is."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def owner() -> str:
    """Return the account that this process runs under."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user often has no name
        return f"uid{os.getuid()}"


def own_names() -> frozenset[str]:
    """Return the names by which this machine calls itself, lower case."""
    name = socket.gethostname().lower()
    return frozenset({name, name.split(".")[0], f"{name}.local"} - {""})


def secret_in(cookies: Mapping[str, str]) -> str | None:
    """Return the session's secret among a request's cookies."""
    return cookies.get(SECURE_COOKIE) or cookies.get(COOKIE)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
