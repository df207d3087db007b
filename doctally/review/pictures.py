"""Pictures of pages: drawn by pypdfium2 or Pillow at the sharpness asked for, kept for a while."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from io import BytesIO
from pathlib import Path
from threading import Lock

import pypdfium2
from fastapi import FastAPI, Response
from PIL import Image, ImageOps, UnidentifiedImageError

from db import documents
from db.documents import StoredDocument
from doctally.errors import DoctallyError
from doctally.pages import Page
from doctally.review.office import Office

SHARPNESS = (110, 165, 260)
"""Dots per inch of the steps of zoom: as wide as the pane, larger, largest."""
MOST_PIXELS = 24_000_000
KEPT = 64
BOLD = ' font-weight="bold"'
_PDF = "application/pdf"
_PDFIUM = Lock()  # PDFium is not thread-safe


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture and its media type."""

    content: bytes
    media_type: str


def register(app: FastAPI, office: Office) -> None:
    """Add the route of the pictures: ``/documents/7/pages/1?step=0``."""

    def picture(document_id: int, number: int, step: int = 0) -> Response:
        try:
            found = picture_of(office, document_id, number, min(max(step, 0), len(SHARPNESS) - 1))
        except DoctallyError:
            found = None
        if found is None:
            return Response(status_code=404)
        headers = {"cache-control": "private, max-age=3600"}
        return Response(found.content, media_type=found.media_type, headers=headers)

    app.add_api_route("/documents/{document_id}/pages/{number}", picture, include_in_schema=False)


def picture_of(office: Office, document_id: int, number: int, step: int) -> Picture | None:
    """Return the picture of a page, None if there is no such page.

    Raises DoctallyError (no_such_document).
    """
    found = documents.document(office.database, document_id)
    path = office.folders.home / found.summary.location
    drawn = _kept(path, found.media_type or "", number, step, _turn(found, number))
    if drawn is not None:
        return drawn
    return words_picture(documents.pages(office.database, document_id), number)


def address(document_id: int, number: int, step: int, *, sha256: str | None) -> str:
    """Return where a page's picture is found; the content's hash lets browsers keep it."""
    return f"/documents/{document_id}/pages/{number}?step={step}&v={(sha256 or '')[:12]}"


def _turn(found: StoredDocument, number: int) -> int:
    told = found.details.get(f"turned.{number}", "0")
    return int(told) % 360 if told.isdecimal() else 0


@lru_cache(maxsize=KEPT)
def _kept(path: Path, media_type: str, number: int, step: int, turn: int) -> Picture | None:
    return _drawn(path, media_type, number, step, turn)


def _drawn(path: Path, media_type: str, number: int, step: int, turn: int) -> Picture | None:
    """Return the picture of a page of a file, None if the file is none that has pictures."""
    if not path.is_file():
        return None
    if media_type == _PDF:
        return _from_pdf(path, number, SHARPNESS[step], turn)
    return _from_image(path, number, step, turn) if media_type.startswith("image/") else None


def _from_pdf(path: Path, number: int, dpi: int, turn: int) -> Picture | None:
    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError:
            return None
        try:
            if not 1 <= number <= len(document):
                return None
            width, height = document.get_page_size(number - 1)
            scale = min(dpi / 72, (MOST_PIXELS / max(width * height, 1.0)) ** 0.5)
            page = document[number - 1]
            image = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=True).to_pil()
        finally:
            document.close()
    return _encoded(image.convert("RGB"), turn)


def _from_image(path: Path, number: int, step: int, turn: int) -> Picture | None:
    try:
        from pi_heif import register_heif_opener

        register_heif_opener(thumbnails=False)
        with Image.open(path) as image:
            if not 1 <= number <= getattr(image, "n_frames", 1):
                return None
            image.seek(number - 1)
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None
    side = (1300, 2000, 3600)[step]
    upright.thumbnail((side, side), Image.Resampling.LANCZOS)
    return _encoded(upright, turn)


def _encoded(image: Image.Image, turn: int) -> Picture:
    """Return the picture turned clockwise: without loss where it has few colours, else as JPEG."""
    if turn:
        image = image.rotate(-turn, expand=True)
    buffer = BytesIO()
    small = image.resize((200, 200))
    if small.getcolors(maxcolors=600) is not None:
        image.save(buffer, "PNG", compress_level=3)
        return Picture(buffer.getvalue(), "image/png")
    image.save(buffer, "JPEG", quality=88, subsampling=0)
    return Picture(buffer.getvalue(), "image/jpeg")


def words_picture(pages: Sequence[Page], number: int) -> Picture | None:
    """Return a page set from its words, for documents that have no picture of their own."""
    page = next((page for page in pages if page.number == number), None)
    if page is None:
        return None
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
            f'lengthAdjust="spacingAndGlyphs"{BOLD if word.bold else ""}>{escape(word.text)}</text>'
        )
    return Picture("".join((*parts, "</g></svg>")).encode(), "image/svg+xml")
