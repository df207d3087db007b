"""What a request says of itself: its host, whether another site sent it, what it shows of who."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


def host_of(headers: Headers) -> str:
    """Return the host asked for, lower case, without its port and brackets; empty without one."""
    try:
        return (urlsplit(f"//{headers.get('host', '')}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def from_elsewhere(headers: Headers) -> bool | None:
    """Tell whether a page of another site made the browser send this; None: no browser says.

    Browsers name the relation (Sec-Fetch-Site) or at least the origin, and pages cannot forge
    either (W3C Fetch Metadata; OWASP, Cross-Site Request Forgery Prevention). Another port of
    the same machine is another site here.
    """
    relation = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    if relation is not None and relation not in ("same-origin", "none"):
        return True
    if origin is not None:
        try:
            return urlsplit(origin).netloc.lower() != headers.get("host", "").lower()
        except ValueError:
            return True
    return None if relation is None else False


def token_of(headers: Headers) -> str | None:
    """Return the token of an Authorization header, empty if it is of another kind."""
    given = headers.get("authorization")
    if given is None:
        return None
    kind, _, token = given.partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def is_proxied(headers: Headers) -> bool:
    """Tell whether the request came through a proxy that says so."""
    return any(name in headers for name in PROXY_HEADERS)


def local_path(wanted: str | None) -> str:
    """Return the path to go on to after the log-in: one of ours, else the first page."""
    if not wanted or not wanted.startswith("/") or wanted[1:2] in ("/", "\\"):
        return "/"
    if any(ord(letter) < 33 or letter == "\\" for letter in wanted):
        return "/"
    return wanted
