"""Accents that OCR saw in specks of dust: "Restäurants" on an English till roll.

The recogniser knows the letters of all Latin alphabets. English writes hardly any accents, so the
few on an English page are dirt more often than a "café"; a page with many has them on purpose.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from doctally.locale import is_english
from extractors.layout import Run

_STRAY = 0.01  # of a page's letters


def without_strays(runs: Sequence[Run]) -> list[Run]:
    """Return the words of a page, on an English one without its few accents."""
    text = " ".join(run.text for run in runs)
    letters = [letter for letter in text if letter.isalpha()]
    accented = sum(_bare(letter) != letter for letter in letters)
    if not 0 < accented < _STRAY * len(letters) or not is_english(text):
        return list(runs)
    return [replace(run, text="".join(map(_bare, run.text))) for run in runs]


def _bare(letter: str) -> str:
    """Return the letter without its accents; what is no accented letter stays as it is."""
    if not letter.isalpha():
        return letter
    parts = unicodedata.normalize("NFD", letter)
    return "".join(part for part in parts if not unicodedata.combining(part))
