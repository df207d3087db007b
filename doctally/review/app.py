"""The application: every page and route registered, NiceGUI mounted, the guard around it all."""

from __future__ import annotations

import secrets
from pathlib import Path

from fastapi import FastAPI

from doctally.review import (
    bank,
    dashboard,
    documents,
    history,
    look,
    pictures,
    security,
    suppliers,
    upload,
)
from doctally.review.api import router
from doctally.review.office import Office
from doctally.review.plain import not_found

KEY_FILE = "cookie.key"
RECONNECT_S = 600.0
"""So long a browser that lost us finds its page as it was: a lunch on a train."""


def application(office: Office) -> FastAPI:
    """Return the web application; one a process (NiceGUI's own app is a global)."""
    from nicegui import app as pages
    from nicegui import ui

    own = office.folders.home / "review-page"
    app = FastAPI(title="doctally", docs_url=None, redoc_url=None, openapi_url=None)
    look.register(app)
    pictures.register(app, office)
    documents.register(office)
    router.register(app, office)
    for page in (upload, dashboard, suppliers, bank, history):
        page.register(office)
    pages.storage.path = own / "storage"
    ui.run_with(
        app,
        title="doctally",
        favicon="🧾",
        dark=None,
        tailwind=False,
        language="en-US",
        reconnect_timeout=RECONNECT_S,
        binding_refresh_interval=None,
        storage_secret=_secret(own),
        session_middleware_kwargs={"same_site": "lax", "https_only": False},
        show_welcome_message=False,
    )
    pages.add_exception_handler(404, not_found)
    security.install(app, office.access, max_upload=office.settings.max_file_mb << 20)
    return app


def _secret(folder: Path) -> str:
    """Return the key that signs our cookies, made at the first start and readable by us only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / KEY_FILE
    if not file.exists():
        part = file.with_suffix(".part")
        part.touch(mode=0o600)
        part.write_text(secrets.token_urlsafe(32), encoding="ascii")
        part.replace(file)
    return file.read_text(encoding="ascii")
