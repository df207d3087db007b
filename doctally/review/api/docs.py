"""The page /docs: Swagger UI from its wheel, without a script of anybody else's server."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, Response

_START = """window.ui = SwaggerUIBundle({
  url: "/api/openapi.json", dom_id: "#swagger-ui", deepLinking: true, docExpansion: "list",
  presets: [SwaggerUIBundle.presets.apis], validatorUrl: null,
});
"""
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>API · doctally</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<style>body { margin: 0; background: #fff }</style></head>
<body><main id="swagger-ui"></main>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script>
</body></html>"""
ASSETS = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}


def register(app: FastAPI) -> None:
    """Add the page and its assets."""
    import fastapi_swagger

    folder = Path(str(resources.files(fastapi_swagger))) / "resources"

    @app.get("/docs", include_in_schema=False)
    def page() -> HTMLResponse:
        return HTMLResponse(_PAGE)

    @app.get("/docs/start.js", include_in_schema=False)
    def start() -> Response:
        return Response(_START, media_type="text/javascript")

    @app.get("/docs/{name}", include_in_schema=False)
    def asset(name: str) -> Response:
        if name not in ASSETS:
            return Response(status_code=404)
        headers = {"cache-control": "private, max-age=86400"}
        return FileResponse(folder / name, media_type=ASSETS[name], headers=headers)
