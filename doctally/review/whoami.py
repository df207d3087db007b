"""Who makes a request, as the guard found out, and whether the person may do what is asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import HTTPConnection

from doctally.errors import AccessDenied
from doctally.people import Identity, Role

IDENTITY = "doctally.identity"
AGAIN = "doctally.identify"
Identify = Callable[[], Awaitable[Identity | None]]


class NotAllowed(AccessDenied):
    """The person's role does not include this."""

    code = "not_allowed"


def identity_of(request: HTTPConnection | Any) -> Identity:
    """Return who makes the request; raises NotAllowed where nobody is known (public pages)."""
    found = request.scope.get(IDENTITY)
    if not isinstance(found, Identity):
        raise NotAllowed("log in first", code="log_in_first")
    return found


def checked(identity: Identity | None, needed: Role) -> Identity:
    """Return the identity if its role includes the one needed; raises NotAllowed."""
    if identity is None:
        raise NotAllowed("your session has ended; log in again", code="log_in_first")
    if not identity.may(needed):
        raise NotAllowed(f"{identity.name} is {identity.role}; this takes the role {needed}")
    return identity


async def still(request: HTTPConnection | Any, needed: Role) -> Identity:
    """Return who it is now, looked up again: pages live longer than sessions and roles.

    For what a page's buttons do. Raises NotAllowed.
    """
    again: Identify = request.scope[AGAIN]
    return checked(await again(), needed)
