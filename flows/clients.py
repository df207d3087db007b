"""Prefect's clients, kept for all runs of a process: each run would make three of its own.

A client loads certificates, asks for a CSRF token and connects: a quarter of what Prefect costs
before the first task of a run.
"""

from __future__ import annotations

from contextlib import AsyncExitStack

from prefect.context import AsyncClientContext, SyncClientContext


class Clients:
    """Opened when the server answers first; to be opened and closed in the same task."""

    def __init__(self) -> None:
        self._stack: AsyncExitStack | None = None

    async def open(self) -> None:
        """Let all that follows in this task use the same clients; raises what the server says."""
        if self._stack is not None:
            return
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(AsyncClientContext())
            stack.enter_context(SyncClientContext())
            self._stack = stack.pop_all()

    async def close(self) -> None:
        """Let go of them."""
        if self._stack is not None:
            await self._stack.aclose()
            self._stack = None
