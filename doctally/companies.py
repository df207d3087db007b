"""Names of companies: the same firm under another spelling, without its legal form.

NOT handled: trade names that share no word with the firm's name; those are learned as aliases.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rapidfuzz import fuzz

_LEGAL_FORMS = (
    "ek ag gmbh mbh kg kgaa ohg ug gbr ev eg se sa sas sarl srl spa snc sl slu bv nv cv vof ltd "
    "limited "
    "plc llc llp lp inc incorporated corp corporation co company pty pte sdn bhd oy oyj ab as asa "
    "aps kft zrt sro doo zoo sp spzoo lda ltda cie compagnie eurl sasu group gruppe holding und "
    "and "
    "et y e i the haftungsbeschrankt haftungsbeschraenkt gesellschaft societa societe"
)
_FORMS = frozenset(_LEGAL_FORMS.split())
_JOINING = frozenset(["und", "and", "et", "y", "e", "i", "the", "group", "gruppe", "co"])
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.\s?){2,}|\b[^\W\d_]/[^\W\d_]\b")
_WORD = re.compile(r"[^\W_]+")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa",
                          "æ": "ae"})  # fmt: skip


@lru_cache(maxsize=100_000)
def legal_forms(name: str) -> frozenset[str]:
    """Return the legal forms that a name carries (``gmbh``, ``kg``), folded."""
    return frozenset(_every(name)) & _FORMS - _JOINING


@lru_cache(maxsize=100_000)
def words(name: str) -> tuple[str, ...]:
    """Return a name's words, folded, without accents and legal forms; all of them if none is left.

    Umlauts become ae, oe, ue, as they are written where there are none.
    """
    every = _every(name)
    kept = [word for word in every if word not in _FORMS]
    return tuple(kept or every)


def _every(name: str) -> list[str]:
    joined = _DOTTED.sub(lambda m: re.sub(r"[\s./]", "", m.group()) + " ", name.casefold())
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", joined).translate(_UMLAUTS))
    return _WORD.findall("".join(c for c in folded if not unicodedata.combining(c)))


def bare(name: str) -> str:
    """Return a name's words without legal forms, joined by blanks."""
    return " ".join(words(name))


@lru_cache(maxsize=100_000)
def likeness(one: str, other: str) -> float:
    """Return 0..1 for two names: 1 the same words, less for slips and words that one lacks.

    A name that is only a part of the other reaches 0.87 when it says enough (six letters).
    """
    a, b = words(one), words(other)
    if not a or not b:
        return 0.0
    if a == b or "".join(a) == "".join(b):
        return 1.0
    plain_a, plain_b = " ".join(a), " ".join(b)
    whole = fuzz.token_sort_ratio(plain_a, plain_b) / 100
    short, long = sorted((a, b), key=len)
    rest = set(long)
    part = all(word in rest for word in short) and len("".join(short)) >= 6
    initials = len(short) == 1 and len(long) >= 3 and short[0] == "".join(w[0] for w in long)
    return max(whole, 0.87 if part else 0.0, 0.85 if initials else 0.0)
