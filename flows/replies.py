"""What the model server takes from a caller, and how it answers: soon, or with a sign of life."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from typing import Any, TypeVar

from fastapi import HTTPException, Request
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter

from doctally.errors import DoctallyError
from flows.lent import Figures
from flows.wire import ANSWER, LARGEST, Answer, Trouble, parsed

BEAT_S = 5.0
"""A caller who waits hears from us this often, and knows that we are there."""

Sent = TypeVar("Sent")
log = logging.getLogger("doctally.model")


async def sent(request: Request, form: TypeAdapter[Sent], figures: Figures) -> Sent:
    """Return what a caller sent; answers 413, 415 or 422 where it is too much or does not fit."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        figures.refused.labels("type").inc()
        raise HTTPException(415, "send application/json")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            figures.refused.labels("size").inc()
            raise HTTPException(413, f"more than {LARGEST} bytes")
    try:
        return await asyncio.to_thread(parsed, form, bytes(body))
    except DoctallyError as error:
        figures.refused.labels("form").inc()
        raise HTTPException(422, error.message) from None


def beating(work: Awaitable[Answer]) -> StreamingResponse:
    """Return a response that says from time to time that it will come, in blanks, then is there."""

    async def parts() -> AsyncIterator[bytes]:
        task: asyncio.Task[Any] = asyncio.ensure_future(_told(work))
        try:
            while not (await asyncio.wait({task}, timeout=BEAT_S))[0]:
                yield b"\n"
            yield task.result()
        finally:
            task.cancel()  # the caller may be gone: what waits for its pass is left out

    return StreamingResponse(parts(), media_type="application/json")


async def _told(work: Awaitable[Answer]) -> bytes:
    try:
        answer = await work
    except DoctallyError as error:
        log.warning("%s: %s", error.code, error.message)
        answer = Answer(trouble=Trouble.of(error))
    return await asyncio.to_thread(ANSWER.dump_json, answer)
