"""Words: captions, titles and sentences per language, from text files beside this module.

A line is ``key = variant | variant``; ``key@REGION`` or ``key@TYPE`` is a special case of ``key``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt")


@cache
def wording(language: str) -> Mapping[str, tuple[str, ...]]:
    """Return the variants of every key in a language; keys it lacks come from English."""
    found = dict(wording("en")) if language != "en" else {}
    text = (Path(__file__).parent / f"{language}.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            key, _, rest = line.partition(" = ")
            found[key.strip()] = tuple(v.strip(" |") for v in rest.split(" | "))
    return found


def variants(language: str, key: str, *special: str) -> tuple[str, ...]:
    """Return the variants of key@special, else of key, else of key@other."""
    words = wording(language)
    for name in special:
        if f"{key}@{name}" in words:
            return words[f"{key}@{name}"]
    return words[key] if key in words else words[f"{key}@other"]
