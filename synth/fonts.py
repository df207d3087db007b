"""Fonts: the base 14 of every PDF reader, and TrueType files where they are found.

Base-14 fonts cover western languages. Polish needs a TrueType font; where none is found the
letters lose their accents (``FontCase.fit``), as in many real print-outs.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

_FOLDERS = (
    "/usr/share/fonts/truetype/liberation",
    "/usr/share/fonts/truetype/dejavu",
    "/usr/share/fonts/liberation",
    "/usr/share/fonts/dejavu",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)
_FILES = {
    "LiberationSans": ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    "LiberationSerif": ("LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf"),
    "LiberationMono": ("LiberationMono-Regular.ttf", "LiberationMono-Bold.ttf"),
    "LiberationNarrow": ("LiberationSansNarrow-Regular.ttf", "LiberationSansNarrow-Bold.ttf"),
    "DejaVuSans": ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    "DejaVuSerif": ("DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf"),
    "DejaVuCondensed": ("DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf"),
    "DejaVuMono": ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"),
    "Arial": ("arial.ttf", "arialbd.ttf"),
}


@dataclass(frozen=True, slots=True)
class FontCase:
    """A regular and a bold font of one design; ``wide`` says that it has all of Latin."""

    regular: str
    bold: str
    mono: bool = False
    wide: bool = False

    def fit(self, text: str) -> str:
        """Return the text in letters this font has (other letters lose their accents)."""
        if self.wide or text.isascii():
            return text
        try:
            text.encode("cp1252")
        except UnicodeEncodeError:
            return "".join(_plain(sign) for sign in text)
        return text


BASE = (
    FontCase("Helvetica", "Helvetica-Bold"),
    FontCase("Times-Roman", "Times-Bold"),
    FontCase("Courier", "Courier-Bold", mono=True),
)


@cache
def truetype() -> tuple[FontCase, ...]:
    """Return the TrueType designs found on this machine, registered with reportlab."""
    found = []
    for name, files in _FILES.items():
        for folder in _FOLDERS:
            paths = [Path(folder) / file for file in files]
            if all(path.is_file() for path in paths):
                for suffix, path in zip(("", "-Bold"), paths, strict=True):
                    pdfmetrics.registerFont(TTFont(name + suffix, str(path)))
                found.append(FontCase(name, f"{name}-Bold", "Mono" in name, wide=True))
                break
    return tuple(found)


@cache
def measure(font: str) -> tuple[dict[str, float], float, float]:
    """Return an empty cache of text widths at size 1, and the font's ascent and descent."""
    pdfmetrics.getFont(font)
    ascent, descent = pdfmetrics.getAscentDescent(font, 1)
    return {}, min(float(ascent), 0.8), max(float(descent), -0.22)


def width(text: str, font: str, size: float) -> float:
    """Return the width of the text in points."""
    cache_, _, _ = measure(font)
    known = cache_.get(text)
    if known is None:
        known = pdfmetrics.stringWidth(text, font, 1)
        if len(cache_) < 200_000:
            cache_[text] = known
    return known * size


@cache
def _plain(sign: str) -> str:
    try:
        sign.encode("cp1252")
    except UnicodeEncodeError:
        special = {"ł": "l", "Ł": "L", "đ": "d", "ı": "i", "\u202f": " ", "−": "-"}
        if sign in special:
            return special[sign]
        base = unicodedata.normalize("NFKD", sign)[0]
        return base if base.isascii() else "?"
    return sign
