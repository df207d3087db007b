"""From a file to the picture of a page on which its boxes lie.

What was done to a page before it was read stands in ``Reading.metadata``, each key ending in the
page's number: ``sheet`` (the file's page it is on, where two lie on one), ``straightened`` and
``turned`` (degrees clockwise, in this order) and ``part`` (its left and right end then, in shares
of the width). Whoever shows a page does the same: ``page_image``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from doctally.errors import UnreadableDocument
from extractors.images import frames, open_image
from extractors.pdf import open_pdf
from extractors.render import render
from extractors.sniff import sniff

_TURNS = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class View:
    """What was done to a sheet so that its page could be read."""

    sheet: int
    straightened: float = 0.0
    turned: int = 0
    part: tuple[float, float] | None = None

    def metadata(self, page: int) -> dict[str, str]:
        """Return what is not as usual, for ``Reading.metadata``."""
        told: dict[str, str] = {}
        if self.sheet != page:
            told[f"sheet.{page}"] = str(self.sheet)
        if self.straightened:
            told[f"straightened.{page}"] = f"{self.straightened:.2f}"
        if self.turned:
            told[f"turned.{page}"] = str(self.turned)
        if self.part:
            told[f"part.{page}"] = f"{self.part[0]:.4f} {self.part[1]:.4f}"
        return told

    def apply(self, image: Image.Image) -> Image.Image:
        """Return the page as it was read from the image of its sheet."""
        if self.straightened:
            image = level(image, self.straightened)
        if self.turned:
            image = image.transpose(_TURNS[self.turned])
        if self.part:
            start, end = (round(share * image.width) for share in self.part)
            image = image.crop((start, 0, end, image.height))
        return image


def level(image: Image.Image, degrees: float) -> Image.Image:
    """Return the image turned clockwise by a few degrees, on a larger white sheet."""
    return image.rotate(-degrees, resample=Image.Resampling.BICUBIC, expand=True, fillcolor="white")


def sheet_of(metadata: Mapping[str, str], page: int) -> int:
    """Return the number of the file's page that a page of the reading is on, from 1."""
    return int(metadata.get(f"sheet.{page}", page))


def view_of(metadata: Mapping[str, str], page: int) -> View:
    """Return what was done to a page; ``metadata`` are those of its reading."""
    part = metadata.get(f"part.{page}")
    start, end = map(float, part.split()) if part else (0.0, 1.0)
    return View(
        sheet_of(metadata, page),
        float(metadata.get(f"straightened.{page}", 0.0)),
        int(metadata.get(f"turned.{page}", 0)),
        (start, end) if part else None,
    )


def page_image(
    path: Path,
    page: int,
    metadata: Mapping[str, str],
    *,
    dpi: float = 110.0,
    max_pixels: int = 120_000_000,
) -> Image.Image | None:
    """Return the page of a PDF or image as it was read: its boxes lie on it.

    None for files whose pages were laid out by the reader (e-mails, tables, text). Raises
    UnreadableDocument for a file that cannot be opened (any more).
    """
    media = sniff(path)
    view = view_of(metadata, page)
    if media == "application/pdf":
        with open_pdf(path) as document:
            if not 0 < view.sheet <= len(document):
                raise UnreadableDocument(f"There is no page {view.sheet}.", code="damaged")
            return view.apply(render(document, view.sheet - 1, dpi))
    if not media.startswith("image/"):
        return None
    with open_image(path, max_pixels=max_pixels) as opened:
        every = frames(opened, max_pages=view.sheet, max_pixels=max_pixels)
        last = deque(enumerate(every, 1), maxlen=1)
        if not last or last[0][0] != view.sheet:
            raise UnreadableDocument(f"There is no page {view.sheet}.", code="damaged")
        frame = last[0][1]
    image = frame.image
    shrink = dpi / 72 * frame.width / image.width
    if shrink < 1:
        image = image.resize((round(image.width * shrink), round(image.height * shrink)))
    return view.apply(image)
