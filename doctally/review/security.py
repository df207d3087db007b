"""Puts guard, log-in and headers around the application, in one call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from doctally.review import glance, headers, login, template
from doctally.review.access import Access
from doctally.review.guard import Guard

SERVER: Mapping[str, Any] = {"server_header": False, "proxy_headers": True}
"""What uvicorn is told: say no version; believe a proxy on this machine (FORWARDED_ALLOW_IPS)."""


def install(app: FastAPI, access: Access, *, max_upload: int) -> None:
    """Guard every route, page and web socket of the application; to be called last.

    ``max_upload`` is the largest body of an upload in bytes.
    """
    from nicegui.client import templates

    template.change(templates.env, glance.with_glance)
    template.change(templates.env, headers.with_nonce)
    before = list(app.router.routes)
    app.include_router(login.router(access))
    own = [route for route in app.router.routes if route not in before]
    app.router.routes[:] = [*own, *before]  # NiceGUI is mounted at / and would take them all
    app.add_middleware(Guard, access=access, max_upload=max_upload)
