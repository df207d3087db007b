"""Scans: a page as a scanner gives it, as JPEG bytes."""

from __future__ import annotations

import io

import pypdfium2 as pdfium
from PIL import Image, ImageFilter

from synth.dice import Dice


def scan(pdf: bytes, dice: Dice) -> bytes:
    """Return the first page as a scanner gives it: grey, slightly turned, soft, noisy, JPEG."""
    page: Image.Image = pdfium.PdfDocument(pdf)[0].render(scale=150 / 72).to_pil().convert("L")
    page = page.rotate(0.7, resample=Image.Resampling.BICUBIC, fillcolor=255, expand=False)
    page = page.filter(ImageFilter.GaussianBlur(0.6)).point(lambda v: int(18 + v * 0.88))
    noise = Image.frombytes(
        "L",
        (page.width // 2, page.height // 2),
        dice.randbytes(page.width // 2 * (page.height // 2)),
    )
    page = Image.blend(page, noise.resize(page.size), 0.06)
    out = io.BytesIO()
    page.save(out, "JPEG", quality=62, dpi=(150, 150))
    return out.getvalue()
