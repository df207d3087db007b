"""The API as an application of its own under /api: its errors are JSON, its description whole."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import FastAPI

from doctally.review.api import acting, common, docs, metrics, reading
from doctally.review.office import Office

ABOUT = """Upload documents, follow them, read their values, correct and confirm them.

A program shows a token: `Authorization: Bearer doctally_...` (`doctally users token`). A browser
that is logged in may try everything out here. Viewers read, reviewers also change.
Every change is in the audit trail with who made it."""


def register(app: FastAPI, office: Office) -> None:
    """Add the API, /docs, /health and /metrics."""
    app.mount("/api", api(office))
    docs.register(app)
    metrics.register(app, office)


def api(office: Office) -> FastAPI:
    """Return the API alone."""
    made = FastAPI(
        title="doctally",
        version=version("doctally"),
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    common.handle_errors(made)
    made.include_router(reading.router(office))
    made.include_router(acting.router(office))
    return made
