"""Images of pages, read by OCR."""

from __future__ import annotations

from doctally.pages import Page, Reading
from extractors import notices
from extractors.images import frame_count, frames, open_image
from extractors.scan import read_picture
from extractors.source import Source


def read(source: Source) -> Reading:
    """Return the pages of an image; a TIFF may have many."""
    pages: list[Page] = []
    turned: dict[int, int] = {}
    limits = source.limits
    with open_image(source.path, max_pixels=limits.max_pixels) as image:
        total = frame_count(image)
        for frame in frames(image, max_pages=limits.max_pages, max_pixels=limits.max_pixels):
            number = len(pages) + 1
            page, degrees = read_picture(
                frame.image,
                number=number,
                width=frame.width,
                height=frame.height,
                threads=source.threads,
            )
            pages.append(page)
            if degrees:
                turned[number] = degrees
    told = []
    if total > len(pages):
        told.append(notices.pages_cut(len(pages), total))
    if turned:
        told.append(notices.turned_pages(sorted(turned)))
    return Reading(
        media_type=source.media,
        pages=tuple(pages),
        notices=tuple(told),
        metadata={f"turned.{number}": str(turn) for number, turn in turned.items()},
    )
