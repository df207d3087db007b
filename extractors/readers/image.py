"""Images of pages, read by OCR."""

from __future__ import annotations

from doctally.pages import Reading
from extractors.document import Pages
from extractors.images import frame_count, frames, open_image
from extractors.scan import read_picture
from extractors.source import Source


def read(source: Source) -> Reading:
    """Return the pages of an image; a TIFF may have many."""
    read = Pages()
    limits = source.limits
    with open_image(source.path, max_pixels=limits.max_pixels) as image:
        read.total = frame_count(image)
        for frame in frames(image, max_pages=limits.max_pages, max_pixels=limits.max_pixels):
            read.sheets += 1
            read.add_scanned(
                read_picture(
                    frame.image,
                    sheet=read.sheets,
                    number=len(read.pages) + 1,
                    width=frame.width,
                    height=frame.height,
                    threads=source.threads,
                )
            )
    return Reading(
        media_type=source.media,
        pages=tuple(read.pages),
        notices=tuple(read.notices()),
        metadata=read.metadata(),
    )
