"""Logging in and out: plain pages without scripts, so that they work whatever else does not."""

from __future__ import annotations

from html import escape
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from db import attempts, sessions, users
from db.attempts import TooManyAttempts
from doctally.errors import ConfigurationError
from doctally.passwords import hashed, matches, outdated
from doctally.people import checked_name
from doctally.review.access import COOKIE, SECURE_COOKIE, Access, secret_in
from doctally.review.plain import plain
from doctally.review.request import local_path

WRONG = "This name and this password do not belong together."


def page(*, wanted: str, name: str = "", trouble: str = "") -> str:
    """Return the log-in page."""
    told = f'<p role="alert" id="trouble">{escape(trouble)}</p>' if trouble else ""
    described = ' aria-describedby="trouble"' if trouble else ""
    focus = ("", " autofocus") if name else (" autofocus", "")
    return plain(
        "Log in",
        f"""<h1>Log in to doctally</h1>{told}
<form method="post" action="/login">
<input type="hidden" name="next" value="{escape(wanted)}">
<label for="name">Name</label>
<input id="name" name="name" value="{escape(name)}" autocomplete="username" required maxlength="64"
 autocapitalize="none" spellcheck="false"{focus[0]}{described}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required
 maxlength="256"{focus[1]}{described}>
<button type="submit">Log in</button>
</form>""",
    )


def log_in(access: Access, name: str, password: str, *, address: str) -> str | None:
    """Return a new session's secret, None if name and password do not belong together.

    Raises TooManyAttempts. Takes as long for a name that does not exist.
    """
    try:
        known = checked_name(name)
    except ConfigurationError:
        known = ""
    attempts.begin(access.database, known, address=address, now=access.now())
    kept = users.password_hash(access.database, known)
    if not matches(kept, password) or kept is None:
        attempts.failed(access.database, known, address=address, now=access.now())
        return None
    attempts.succeeded(access.database, known, address=address)
    if outdated(kept):
        users.renew_hash(access.database, known, kept, hashed(password))
    return sessions.begin(access.database, known, address=address, now=access.now())


def router(access: Access) -> APIRouter:
    """Return the routes of logging in and out."""
    found = APIRouter(include_in_schema=False)

    @found.get("/login")
    def show(next: str = "/") -> HTMLResponse:  # the address says ?next=
        return HTMLResponse(page(wanted=local_path(next)))

    @found.post("/login")
    async def take(
        request: Request,
        name: Annotated[str, Form(max_length=256)] = "",
        password: Annotated[str, Form(max_length=1024)] = "",
        next: Annotated[str, Form(max_length=4096)] = "/",
    ) -> Response:
        address = request.client.host if request.client else ""
        wanted = local_path(next)
        try:
            secret = await run_in_threadpool(log_in, access, name, password, address=address)
        except TooManyAttempts as error:
            answer = HTMLResponse(page(wanted=wanted, name=name, trouble=error.message + "."), 429)
            answer.headers["retry-after"] = str(error.wait_s)
            return answer
        if secret is None:
            return HTMLResponse(page(wanted=wanted, name=name, trouble=WRONG), 401)
        return _with_cookie(RedirectResponse(wanted, 303), secret, https=_https(request))

    @found.post("/logout")
    async def leave(request: Request) -> Response:
        secret = secret_in(request.cookies)
        if secret is not None:
            await run_in_threadpool(sessions.end, access.database, secret, now=access.now())
        answer = RedirectResponse("/login", 303)
        for name, secure in ((COOKIE, False), (SECURE_COOKIE, True)):
            answer.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")
        answer.headers["clear-site-data"] = '"cache", "storage"'
        return answer

    return found


def _https(request: Request) -> bool:
    return request.url.scheme == "https"


def _with_cookie(answer: Response, secret: str, *, https: bool) -> Response:
    answer.set_cookie(
        SECURE_COOKIE if https else COOKIE,
        secret,
        max_age=int(sessions.LONGEST.total_seconds()),
        path="/",
        secure=https,
        httponly=True,
        samesite="lax",
    )
    return answer
