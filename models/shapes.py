"""What a word looks like: a few classes that hold in every language.

The class enters the model as a learned addition to the word's embedding; an English
vocabulary splits foreign dates and amounts into pieces whose type is otherwise hard to see.
"""

from __future__ import annotations

import re

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "date",
            r"\(?\d{1,4}[./-]\d{1,2}[./-]\d{2,4}[,;.)]?|\d{1,2}[-/.]?[A-Za-z]{3,9}[-/.]?\d{2,4}",
        ),
        ("time", r"\d{1,2}:\d{2}(:\d{2})?(am|pm|AM|PM|h)?"),
        ("percent", r"\(?-?\d{1,3}([.,]\d{1,3})?%\)?"),
        (
            "amount",
            r"[-+(]?[^\w\s]{0,2}[A-Z]{0,3}[$€£]?-?\d{1,3}([.,' ]?\d{3})*[.,]\d{2}[^\w\s]{0,3}",
        ),
        ("grouped", r"[-+(]?[$€£]?\d{1,3}([.,']\d{3})+[)]?"),
        ("decimal", r"-?\d+[.,]\d+"),
        ("year", r"(19|20)\d{2}"),
        ("small", r"\(?\d{1,3}[.,:)]?"),
        ("number", r"#?\d{4,7}[.,:]?"),
        ("long", r"#?\d{8,}"),
        ("iban", r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}"),
        ("vat", r"[A-Z]{2}[ -]?U?\d{7,12}[A-Z]?\d{0,2}"),
        ("email", r"\S+@\S+\.\w+"),
        ("url", r"(https?://|www\.)\S+"),
        ("phone", r"\+?[\d()/.-]{7,}"),
        ("code", r"(?=\S*\d)(?=\S*[A-Za-z])[\w./#-]+[,:]?"),
        ("currency", r"[$€£¥]|[A-Z]{2}\$|EUR|USD|GBP|CHF|MYR|RM|PLN|zł|AUD|CAD|SEK|DKK|NOK"),
        ("caption", r"\D+:"),
        ("hash", r"#|No\.?|Nr\.?|N°|Nº|№"),
        ("upper", r"[^\W\d_a-zà-ÿ]{2,}[.,&']?"),
        ("title", r"[^\W\d_a-zà-ÿ][^\W\d_]+[.,]?"),
        ("lower", r"[^\W\d_]+[.,]?"),
        ("mark", r"[^\w\s]+"),
    )
)
SHAPES: tuple[str, ...] = (*(name for name, _ in _PATTERNS), "other")


def shape(text: str) -> int:
    """Return the index in ``SHAPES`` of the first class that the whole word fits."""
    for index, (_, pattern) in enumerate(_PATTERNS):
        if pattern.fullmatch(text):
            return index
    return len(_PATTERNS)
