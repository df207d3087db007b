"""A record of a pair (an order line, an article of a list) as the pair task reads it.

Words are compared without case, accents and the hyphens inside them; what letters and digits
make together is a code (``DVP-FX820/R`` is ``dvpfx820r``), other digits are sizes and versions.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from doctally.amounts import parse_number
from doctally.locale import infer_locale

PRICES = ("price", "unit_price", "price_net", "preis", "einzelpreis")
MAKERS = ("manufacturer", "brand", "maker", "vendor", "hersteller", "marke")
CODES = ("code", "sku", "item_code", "article_number", "mpn", "gtin", "ean", "artikelnummer")

_TOKEN = re.compile(r"[^\W_]+(?:[.,]\d+)*")
_SIGNS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_MEASURE = re.compile(
    r"\d+(gb|mb|tb|kb|mhz|ghz|hz|khz|mm|cm|in|inch|zoll|ft|watt|w|v|mp|g|kg|ml|l|m|x|p|i|ch"
    r"|pc|pcs|pk|pack|st|stk|user|users|channel|bit|x\d+)"
)
_CODE = 4
_REFERENCE = 5
"""A plain number of so many digits is a code, a shorter one a size, a version or a year."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a record is called, what else it says, who makes it, and what one costs."""

    title: str
    rest: str = ""
    maker: str = ""
    price: float | None = None

    @property
    def text(self) -> str:
        """Return all its words."""
        return " ".join(part for part in (self.title, self.rest, self.maker) if part)


def record_of(said: object) -> Record:
    """Return a text or an object as a record; an object's first text is what it is called."""
    if not isinstance(said, Mapping):
        return Record(" ".join(str(said or "").split()))
    texts, codes, maker, price = [], [], "", None
    for name, value in said.items():
        text = " ".join(str("" if value is None else value).split())
        if not text:
            continue
        if name in PRICES:
            price = _price(text)
        elif name in MAKERS:
            maker = text
        elif name in CODES:
            codes.append(text)
        else:
            texts.append(text)
    title = " ".join([*texts[:1], *codes])
    return Record(title, " ".join(texts[1:]), maker, price)


def _price(text: str) -> float | None:
    found = parse_number(text, infer_locale(text))
    return float(found) if found is not None and found > 0 else None


@lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """Return the text without case and accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in parts if not unicodedata.combining(c))


@lru_cache(maxsize=50_000)
def bare(text: str) -> str:
    """Return the folded text's letters and digits alone, without spaces."""
    return _SIGNS.sub("", fold(text))


def tokens(text: str) -> list[str]:
    """Return words and numbers, each once, in order."""
    return list(dict.fromkeys(_TOKEN.findall(fold(text))))


def glued(text: str) -> list[str]:
    """Return what stands between spaces, without hyphens and slashes, each once, in order."""
    return list(dict.fromkeys(word for part in text.split() if (word := bare(part))))


def is_code(word: str) -> bool:
    """Tell whether a bare word is an article's code: letters with digits, or a long number."""
    digits = sum(c.isdigit() for c in word)
    if not digits or len(word) < _CODE or _MEASURE.fullmatch(word):
        return False
    if digits == len(word):
        return digits >= _REFERENCE
    return len(word) >= _REFERENCE or digits > 1


def codes(text: str) -> list[str]:
    """Return the codes that a text names."""
    return [word for word in glued(text) if is_code(word)]


def sizes(text: str) -> set[str]:
    """Return the short numbers of a text (sizes, versions, years) in a plain form."""
    found = set()
    for token in _TOKEN.findall(fold(text)):
        for number in _NUMBER.findall(token):
            if len(number) < _REFERENCE:
                plain = number.replace(",", ".")
                plain = plain.rstrip("0").rstrip(".") if "." in plain else plain.lstrip("0")
                found.add(plain or "0")
    return found
