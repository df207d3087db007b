"""Pictures of a PDF's pages."""

from __future__ import annotations

from typing import Any

from PIL import Image

_LARGEST_PIXELS = 6_000_000


def render(document: Any, index: int, dpi: float) -> Image.Image:
    """Return the page as displayed, at the resolution or what the pixel limit leaves of it."""
    width, height = document.get_page_size(index)
    fitting = (_LARGEST_PIXELS / max(width * height, 1.0)) ** 0.5
    page = document[index]
    try:
        rendered = page.render(scale=min(dpi / 72, fitting), rev_byteorder=True)
        image: Image.Image = rendered.to_pil()
        return image.convert("RGB")
    finally:
        page.close()
