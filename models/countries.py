"""Names of countries in the languages of the papers: the last line of many addresses."""

from __future__ import annotations

from functools import cache

from babel import Locale

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt", "ms", "cs", "da", "sv")


@cache
def _names() -> frozenset[str]:
    found = {"england", "scotland", "wales", "northern ireland", "uk", "usa", "u.s.a."}
    for language in LANGUAGES:
        territories = Locale(language).territories
        found |= {name.casefold() for code, name in territories.items() if code.isalpha()}
    return frozenset(found)


def is_country(text: str) -> bool:
    """Tell whether a line is the name of a country and nothing else."""
    return text.strip(" ,.;").casefold() in _names()
