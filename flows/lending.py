"""The model server: one process holds the model, many workers ask it (``flows.distant``).

A web server that holds no model itself; the model works in a child (``flows.apart``), so that a
document that ends it costs that document only and the server goes on answering. Open to this
machine only, or to who knows the token. NOT handled: TLS (put a proxy before it).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import StreamingResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from doctally.errors import ConfigurationError
from doctally.settings import Settings
from flows.apart import LOADER, Apart
from flows.joint import Joint
from flows.lent import Figures
from flows.replies import beating, sent
from flows.server import PortTaken, free_address, only_here
from flows.wire import (
    MOST_READINGS,
    PAIRS,
    PROTOCOL,
    READINGS,
    SORTING,
    About,
    Answer,
    Sorting,
    answered,
    schema_hash,
)
from models.cards import active
from models.lineage import bank_of

MOST_WAITING = 2000
"""Documents that wait for their pass; more callers are told to come again."""
GRACE_S = 3


def serve(
    settings: Settings, *, loader: str = LOADER, ready: Callable[[str, str], None] | None = None
) -> None:
    """Serve the model until SIGINT or SIGTERM; ``ready`` hears of address and version.

    Raises ConfigurationError (token_needed, or the bank's), AccessDenied, PortTaken.
    """
    check_token(settings)
    try:
        address = free_address(settings.model_host, settings.model_port)
    except PortTaken as error:
        raise PortTaken(
            f"port {settings.model_port} of the model server is taken; set another one: "
            "DOCTALLY_MODEL_PORT=4401"
        ) from error
    with closing(Apart(settings.model_copy(update={"model_url": ""}), loader=loader)) as model:
        version, _ = model.ask("about")
        if ready is not None:
            ready(f"http://{address.host}:{address.port}", version)
        uvicorn.run(
            application(settings, model),
            host=address.host,
            port=address.port,
            log_level="warning",
            timeout_graceful_shutdown=GRACE_S,
            server_header=False,
        )


def check_token(settings: Settings) -> None:
    """Raise ConfigurationError if others could reach the server and need no token."""
    token = settings.model_token.get_secret_value()
    if token and len(token) < 16:
        raise ConfigurationError("DOCTALLY_MODEL_TOKEN needs 16 characters", code="token_needed")
    if not token and not only_here(settings.model_host):
        raise ConfigurationError(
            f"the model server is not opened beyond this machine ({settings.model_host}) as long "
            "as anybody could use it; set DOCTALLY_MODEL_TOKEN on both sides",
            code="token_needed",
        )


def application(settings: Settings, model: Apart) -> FastAPI:
    """Return the server's application; it works on its line while it runs."""
    figures = Figures()
    joint = Joint(model, at_most=MOST_READINGS, told=figures.passed)
    figures.watch(waiting=lambda: joint.waiting, starts=lambda: model.starts)
    known = _Known(settings, joint)
    taught = _Taught()

    @asynccontextmanager
    async def working(_: FastAPI) -> AsyncIterator[None]:
        work = asyncio.create_task(joint.run())
        yield
        model.close()
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
        taught.forget()

    app = FastAPI(lifespan=working, openapi_url=None, docs_url=None, redoc_url=None)
    token = settings.model_token.get_secret_value()

    def allowed(request: Request) -> None:
        given = request.headers.get("authorization", "")
        wanted = f"Bearer {token}"
        if token and not secrets.compare_digest(given.encode(), wanted.encode()):
            figures.refused.labels("token").inc()
            raise HTTPException(401, "wrong token")

    inside = [Depends(allowed)]

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/metrics", dependencies=inside)
    async def metrics() -> Response:
        return Response(generate_latest(figures.registry), media_type=CONTENT_TYPE_LATEST)

    @app.get("/model", dependencies=inside)
    async def about() -> StreamingResponse:
        return beating(known.about())

    @app.post("/extract", dependencies=inside)
    async def extract(request: Request) -> StreamingResponse:
        readings = await sent(request, READINGS, figures)
        if joint.waiting + len(readings) > MOST_WAITING:
            figures.refused.labels("busy").inc()
            raise HTTPException(503, "too many documents wait", {"Retry-After": "30"})

        async def answer() -> Answer:
            return answered(await joint.extract(readings))

        return beating(answer())

    @app.post("/same", dependencies=inside)
    async def same(request: Request) -> StreamingResponse:
        pairs = await sent(request, PAIRS, figures)

        async def answer() -> Answer:
            return Answer(same=tuple(await joint.ask("same", pairs)))

        return beating(answer())

    @app.post("/categorise", dependencies=inside)
    async def categorise(request: Request) -> StreamingResponse:
        asked = await sent(request, SORTING, figures)

        async def answer() -> Answer:
            given = (asked.asked, asked.categories, taught.file(asked))
            return Answer(sorted=tuple(await joint.ask("categorise", *given)))

        return beating(answer())

    return app


class _Known:
    """What the model's process has loaded, asked again when the bank has another version."""

    def __init__(self, settings: Settings, joint: Joint) -> None:
        self._settings = settings
        self._joint = joint
        self._about: About | None = None

    async def about(self) -> Answer:
        named = active(bank_of(self._settings)).name
        if self._about is None or self._about.version != named:
            version, tasks = await self._joint.ask("about")
            self._about = About(
                protocol=PROTOCOL,
                schema_hash=schema_hash(),
                version=version,
                tasks=tuple(sorted(tasks)),
            )
        return Answer(about=self._about)


class _Taught:
    """The newest file of what corrections have taught, as the engine reads it: from a disk."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._newest: Path | None = None

    def file(self, asked: Sorting) -> Path | None:
        if asked.taught is None:
            return None
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="doctally-taught")
        path = Path(self._folder.name) / f"{hashlib.sha256(asked.taught).hexdigest()}.safetensors"
        if path != self._newest:
            path.write_bytes(asked.taught)
            if self._newest is not None:
                self._newest.unlink(missing_ok=True)
            self._newest = path
        return path

    def forget(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()
