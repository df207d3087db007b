"""A second opinion on a page whose text layer pdfium cannot map: pdfplumber.

pdfminer looks into the embedded fonts for what a missing ToUnicode table does not say. It takes
about 0.1 s a page, OCR seconds.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pdfplumber
from pdfplumber.utils.exceptions import PdfminerException

from doctally.pages import Page
from extractors.layout import Run, lines_of, to_words
from extractors.pdf import unreadable

_HEAVY = ("bold", "black", "heavy", "demi")


def read_again(path: Path, index: int) -> Page | None:
    """Return the page at ``index`` (from 0) if pdfplumber reads letters there, else None."""
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    try:
        with pdfplumber.open(path, pages=[index + 1]) as document:
            page = document.pages[0]
            found = page.extract_words(
                x_tolerance_ratio=0.2, extra_attrs=["size", "fontname"], use_text_flow=False
            )
            width, height = float(page.width), float(page.height)
    except (PdfminerException, ValueError, KeyError, IndexError, TypeError, OSError):
        return None  # pdfminer raises what comes on odd files; OCR is next
    text = "".join(word["text"] for word in found)
    odd = sum(unreadable(letter) for letter in text) + 6 * text.count("(cid:")
    if not text or odd > len(text) / 10:
        return None
    lines = lines_of(_run(word) for word in found)
    return Page(
        number=index + 1,
        width=width,
        height=height,
        words=tuple(to_words(lines, width=width, height=height)),
    )


def _run(word: dict[str, Any]) -> Run:
    name = str(word["fontname"]).lower()
    return Run(
        word["text"],
        float(word["x0"]),
        float(word["top"]),
        float(word["x1"]),
        float(word["bottom"]),
        size=float(word["size"]),
        bold=any(mark in name for mark in _HEAVY),
    )
