"""Pages without the framework: the log-in, and what is said where somebody cannot go on."""

from __future__ import annotations

from html import escape

from fastapi import HTTPException, Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import HTMLResponse, Response

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2733; --back: #f4f6f8; --card: #fff; --line: #6b7785;
  --act: #1b5fa8; --bad: #a61b1b }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --back: #12171d; --card: #1c232b;
  --line: #8895a3; --act: #7fb4ee; --bad: #ff9c9c } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--back);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { background: var(--card); padding: 2rem 2.25rem; border-radius: 12px; width: 20rem;
  box-shadow: 0 2px 16px #0002 }
h1 { font-size: 1.35rem; margin: 0 0 1.25rem }
label { display: block; margin: .75rem 0 .25rem; font-size: .9rem }
a { color: var(--act) }
input { box-sizing: border-box; width: 100%; padding: .55rem .6rem; font: inherit; color: inherit;
  background: transparent; border: 1px solid var(--line); border-radius: 6px }
button { margin-top: 1.4rem; width: 100%; padding: .6rem; font: inherit; font-weight: 600;
  border: 0; border-radius: 6px; background: var(--act); color: var(--card); cursor: pointer }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px }
[role=alert] { color: var(--bad); margin: 0 0 .5rem }
"""


def plain(title: str, body: str) -> str:
    """Return a page with a body of HTML in the middle."""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)} · doctally</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>
<body><main>{body}</main></body></html>"""


def dead_end(title: str, told: str, status: int) -> HTMLResponse:
    """Return a page that says why it goes no further here, and leads to the queue."""
    body = f'<h1>{escape(title)}</h1><p>{escape(told)}</p><a href="/">To the queue</a>'
    return HTMLResponse(plain(title, body), status)


async def not_found(request: Request, error: Exception) -> Response:
    """Answer whoever asks for what is not there: people by a page, programs by JSON."""
    if wants_page(request.headers.get("accept", ""), request.url.path):
        return dead_end("No such page", "There is nothing at this address.", 404)
    return await http_exception_handler(request, HTTPException(404))


def wants_page(accept: str, path: str) -> bool:
    """Tell whether a person asks, who sees the answer."""
    return "text/html" in accept and not path.startswith("/api/")
