"""The guard in front of every request: host, origin, identity, role, size, headers.

Pure ASGI, so that it also stands before NiceGUI's web socket. It is the outermost layer: what it
refuses reaches no other code.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from doctally.people import Identity
from doctally.review import headers, request, roles
from doctally.review.access import Access, secret_in
from doctally.review.plain import dead_end, wants_page
from doctally.review.whoami import AGAIN, IDENTITY, Identify

LOOK_AGAIN_S = 20.0
"""So often an open page's web socket must still belong to the same person with the same role."""
ENDED = 4401
"""The close code of a web socket: like HTTP's 401, in the range for applications."""
SMALL = 1 << 20
"""The largest body of anything but an upload; and what a form may add to a file."""
_UPLOADS = re.compile(r"/api/documents|/_nicegui/client/[^/]+/upload/[^/]+")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request goes no further."""

    status: int
    code: str
    message: str


class Guard:
    """Lets through what the access rules allow and says who it is (``whoami``)."""

    def __init__(self, app: ASGIApp, *, access: Access, max_upload: int) -> None:
        self.app = app
        self.access = access
        self.max_upload = max_upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or open one web socket."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        nonce = headers.Nonce()
        scope[headers.NONCE] = nonce
        https = scope["scheme"] in ("https", "wss")

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers.secure(MutableHeaders(scope=message), nonce=nonce, https=https)
            await send(message)

        given = Headers(scope=scope)
        identify = partial(to_thread.run_sync, self._identify, given)
        refusal = await self._refusal(scope, given, identify)
        if refusal is not None:
            await _refuse(refusal, scope, receive, secured)
        elif scope["type"] == "websocket":
            await self._watch(scope, receive, send, identify)
        else:
            most = self.max_upload + SMALL if _UPLOADS.fullmatch(scope["path"]) else SMALL
            await self.app(scope, _limited(receive, most), secured)

    def _identify(self, given: Headers) -> Identity | None:
        return self.access.identify(
            token=request.token_of(given),
            secret=secret_in(cookie_parser(given.get("cookie", ""))),
            proxied=request.is_proxied(given),
        )

    async def _refusal(self, scope: Scope, given: Headers, identify: Identify) -> Refusal | None:
        method = scope.get("method", roles.SOCKET)
        if not self.access.knows(request.host_of(given)):
            message = "this is no name of ours; DOCTALLY_REVIEW_NAMES lists further ones"
            return Refusal(421, "unknown_host", message)
        if any(letter < " " for letter in scope["path"]):
            return Refusal(404, "no_such_path", "no path of ours has control characters")
        changing = method not in request.SAFE_METHODS
        elsewhere = request.from_elsewhere(given) if changing else False
        if elsewhere:
            return Refusal(403, "cross_site", "a page of another site sent this")
        if _too_long(given, self.max_upload + SMALL):
            return Refusal(413, "too_large", f"at most {self.max_upload >> 20} MB are taken")
        if roles.is_public(scope["path"]):
            return None
        identity = await identify()
        if identity is None:
            return Refusal(401, "log_in_first", "log in, or show a token that is valid")
        if elsewhere is None and identity.via == "session":
            message = "a browser says where a change comes from; programs use a token"
            return Refusal(403, "cross_site", message)
        if not identity.may(needed := roles.needed(method, scope["path"])):
            message = f"{identity.name} is {identity.role}; this takes the role {needed}"
            return Refusal(403, "not_allowed", message)
        scope[IDENTITY] = identity
        scope[AGAIN] = identify
        return None

    async def _watch(self, scope: Scope, receive: Receive, send: Send, identify: Identify) -> None:
        """Serve a web socket, and end it when its person no longer has the right to it."""
        looked, ended = time.monotonic(), False

        async def watched() -> Message:
            nonlocal looked, ended
            message = await receive()
            if time.monotonic() - looked > LOOK_AGAIN_S:
                looked = time.monotonic()
                if await identify() != scope[IDENTITY]:
                    ended = True
                    await send({"type": "websocket.close", "code": ENDED})
                    return {"type": "websocket.disconnect", "code": ENDED}
            return message

        async def sent(message: Message) -> None:
            if not ended:
                await send(message)

        await self.app(scope, watched, sent)


def _too_long(given: Mapping[str, str], most: int) -> bool:
    length = given.get("content-length", "0")
    return not length.isascii() or not length.isdigit() or int(length[:19]) > most


def _limited(receive: Receive, most: int) -> Receive:
    """Return a receiver that ends a body longer than it said, or than it may be."""
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise HTTPException(413, "too much was sent")
        return message

    return limited


async def _refuse(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": ENDED, "reason": refusal.code})
        return
    given = Headers(scope=scope)
    page = wants_page(given.get("accept", ""), scope["path"])
    answer: Response
    if refusal.status == 401 and page and scope["method"] == "GET":
        wanted = scope["path"] + (f"?{q}" if (q := scope["query_string"].decode("latin-1")) else "")
        answer = RedirectResponse(f"/login?next={quote(wanted, safe='/')}", status_code=303)
    elif page:
        answer = dead_end("This goes no further", f"{refusal.message}.", refusal.status)
    else:
        content = {"code": refusal.code, "message": refusal.message}
        answer = JSONResponse(content, refusal.status)
    if refusal.status == 401:
        answer.headers["www-authenticate"] = "Bearer"
    await answer(scope, receive, send)
