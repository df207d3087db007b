"""A first look at a PDF page: is anything on it, is it a scan, does its text mean anything."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice, pairwise
from typing import Any

import numpy as np
import pypdfium2.raw as raw

from doctally.pages import Word
from extractors.render import render

_GLANCE_DPI = 40.0
_DARK = 160
_LEAST_INK = 0.0005
"""Share of dark pixels, at a glance, below which a page is blank (a scanner's specks)."""
_OBJECTS = 300
_FEWEST_PAIRS = 60
_LATIN = re.compile(r"[a-zß-öø-ž]{2,}")
_AFTER = """
aabcdgiklmnprstuwxy baeilor caehiklortu daeiorsu eacdefgiklmnprstuvx faeio gaeiorsu
haeiot iabcdefglmnoprstv kaeo laeilou mabeimop nacdefgikorstuv ocdfilmnoprstuw
paeiloprtu qu racdeimnorstuvyz sacehiopstu taehilortuy uaeilmnprst vaeio waei zaei
"""
"""A letter and those that often follow it: the 200 commonest pairs in English, German, French,
Spanish, Italian, Dutch, Polish and Portuguese business documents, 0.89 of all pairs there."""
_COMMON = frozenset(group[0] + letter for group in _AFTER.split() for letter in group[1:])


def has_ink(document: Any, index: int) -> bool:
    """Tell whether anything is printed on the page of an open PdfDocument."""
    pixels = np.asarray(render(document, index, _GLANCE_DPI).convert("L"))
    return bool((pixels < _DARK).mean() > _LEAST_INK)


def image_share(document: Any, index: int) -> float:
    """Return the share of the page that its largest image covers, 0 to 1."""
    page = document[index]
    try:
        left, bottom, right, top = page.get_bbox()
        largest = 0.0
        for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
            x0, y0, x1, y1 = item.get_bounds()
            across = min(x1, right) - max(x0, left)
            down = min(y1, top) - max(y0, bottom)
            largest = max(largest, max(across, 0.0) * max(down, 0.0))
        share: float = largest / max((right - left) * (top - bottom), 1.0)
        return share
    finally:
        page.close()


def is_invisible(document: Any, index: int) -> bool:
    """Tell whether all text is written invisibly, as scanners and OCR programs do."""
    page = document[index]
    try:
        texts = islice(page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=3), _OBJECTS)
        modes = {raw.FPDFTextObj_GetTextRenderMode(text.raw) for text in texts}
        return modes == {raw.FPDF_TEXTRENDERMODE_INVISIBLE}
    finally:
        page.close()


def legibility(words: Sequence[Word]) -> float | None:
    """Return the share of letter pairs that are common in European languages.

    Real pages have 0.65 and more, glyphs under wrong letters 0.4 and less. None where there are
    too few Latin letters to tell.
    """
    text = " ".join(word.text for word in words).lower()
    latin = _LATIN.findall(text)
    pairs = [a + b for run in latin for a, b in pairwise(run)]
    others = sum(letter.isalpha() for letter in text) - sum(map(len, latin))
    if len(pairs) < _FEWEST_PAIRS or others > len(pairs):
        return None
    return sum(pair in _COMMON for pair in pairs) / len(pairs)
