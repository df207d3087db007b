"""Pictures of pages as they were read, at the sharpness asked for, kept for a while."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from io import BytesIO
from pathlib import Path
from threading import Lock

from fastapi import FastAPI, Response
from PIL import Image

from db import documents
from doctally.errors import BadDocument, DoctallyError
from doctally.pages import Page
from doctally.review.office import Office
from extractors.view import page_image

SHARPNESS = (110.0, 165.0, 260.0)
"""Dots per inch of the steps of zoom."""
KEPT = 64
_DRAWING = Lock()  # PDFium is not thread-safe
_COLOURS = 600
_BOLD = ' font-weight="bold"'


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture and its media type."""

    content: bytes
    media_type: str


def register(app: FastAPI, office: Office) -> None:
    """Add the route of the pictures: ``/documents/7/pages/1?step=0``."""

    def answer(document_id: int, number: int, step: int = 0) -> Response:
        try:
            made = picture_of(office, document_id, number, min(max(step, 0), len(SHARPNESS) - 1))
        except DoctallyError as error:
            return Response(error.message, status_code=404, media_type="text/plain")
        headers = {"cache-control": "private, max-age=3600"}
        return Response(made.content, media_type=made.media_type, headers=headers)

    app.add_api_route("/documents/{document_id}/pages/{number}", answer, include_in_schema=False)


def picture_of(office: Office, document_id: int, number: int, step: int) -> Picture:
    """Return the picture of a page at a step of sharpness, from 0.

    Raises DoctallyError: no_such_document, no_such_page.
    """
    found = documents.document(office.database, document_id)
    path = office.folders.home / found.summary.location
    if path.is_file():
        told = frozenset(found.details.items())
        with suppress(BadDocument):  # the words that were read of it are there all the same
            made = _drawn(path, number, step, told, office.settings.max_pixels)
            if made.content:
                return made
    return words_picture(documents.pages(office.database, document_id), number)


@lru_cache(maxsize=KEPT)
def _drawn(
    path: Path, number: int, step: int, told: frozenset[tuple[str, str]], most: int
) -> Picture:
    with _DRAWING:
        image = page_image(path, number, dict(told), dpi=SHARPNESS[step], max_pixels=most)
    return _encoded(image) if image is not None else Picture(b"", "")


def address(document_id: int, number: int, step: int, *, sha256: str | None) -> str:
    """Return where a page's picture is found; the content's hash lets browsers keep it."""
    return f"/documents/{document_id}/pages/{number}?step={step}&v={(sha256 or '')[:12]}"


def _encoded(image: Image.Image) -> Picture:
    """Return the picture without loss where it has few colours, else as JPEG."""
    buffer = BytesIO()
    if image.resize((200, 200)).getcolors(maxcolors=_COLOURS) is not None:
        image.save(buffer, "PNG", compress_level=3)
        return Picture(buffer.getvalue(), "image/png")
    image.save(buffer, "JPEG", quality=88, subsampling=0)
    return Picture(buffer.getvalue(), "image/jpeg")


def words_picture(pages: Sequence[Page], number: int) -> Picture:
    """Return a page set from its words, for documents that have no picture of their own.

    Raises DoctallyError (no_such_page).
    """
    page = next((page for page in pages if page.number == number), None)
    if page is None:
        raise DoctallyError(f"there is no page {number}", code="no_such_page")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{page.width:.0f}" '
        f'height="{page.height:.0f}" viewBox="0 0 {page.width:.1f} {page.height:.1f}">'
        '<rect width="100%" height="100%" fill="#fff"/><g font-family="sans-serif" fill="#111">'
    ]
    for word in page.words:
        box = word.box
        width, height = (box.x1 - box.x0) * page.width, (box.y1 - box.y0) * page.height
        parts.append(
            f'<text x="{box.x0 * page.width:.1f}" y="{box.y1 * page.height - height * 0.2:.1f}" '
            f'font-size="{max(height * 0.85, 1):.1f}" textLength="{width:.1f}" '
            f'lengthAdjust="spacingAndGlyphs"{_BOLD if word.bold else ""}>'
            f"{escape(word.text)}</text>"
        )
    return Picture("".join((*parts, "</g></svg>")).encode(), "image/svg+xml")
