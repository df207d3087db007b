"""How two records are alike by their words, codes, sizes and prices: numbers for a small judge."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler, LCSseq, Prefix

from models.rarity import Rarity, letters_of, near
from models.records import Record, bare, codes, sizes, tokens

_FOUND = 0.5
_AGREE = 0.8
_CENTURIES = ("19", "20")
_SAME_PRICE = 0.02


@cache
def names() -> tuple[str, ...]:
    """Return the numbers' names, in their order."""
    nothing = np.zeros(1, np.float16)
    return tuple(likeness(Record("a"), Record("b"), Rarity(nothing, nothing, 1.0)))


def likeness(left: Record, right: Record, rarity: Rarity) -> dict[str, float]:
    """Return the numbers by name; the same names for every pair."""
    return {
        **_overlap(left, right, rarity),
        **_spelling(left, right, rarity),
        **_coded(left, right, rarity),
        **_sized(left, right),
        **_priced(left, right),
        **_made(left, right),
    }


def _overlap(left: Record, right: Record, rarity: Rarity) -> dict[str, float]:
    ours, theirs = tokens(left.title), tokens(right.title)
    all_ours, all_theirs = set(tokens(left.text)), set(tokens(right.text))
    found: dict[str, float] = {}
    for name, words, there, whole in (
        ("left", ours, set(theirs), bare(right.title)),
        ("right", theirs, set(ours), bare(left.title)),
        ("left in all", ours, all_theirs, bare(right.text)),
        ("right in all", theirs, all_ours, bare(left.text)),
    ):
        found |= {f"{k} {name}": v for k, v in _covered(words, there, whole, rarity).items()}
    shared = [rarity.word(w) for w in set(ours) & set(theirs)]
    one, other = [rarity.word(w) for w in ours], [rarity.word(w) for w in theirs]
    norm = math.sqrt(sum(w * w for w in one) * sum(w * w for w in other))
    both, either = all_ours & all_theirs, all_ours | all_theirs
    return found | {
        "shared": sum(shared),
        "rarest shared": max(shared, default=0.0),
        "jaccard": sum(shared) / max(sum(one) + sum(other) - sum(shared), 1e-9),
        "cosine": sum(w * w for w in shared) / max(norm, 1e-9),
        "jaccard of all": _weigh(both, rarity) / max(_weigh(either, rarity), 1e-9),
    }


def _weigh(words: Iterable[str], rarity: Rarity) -> float:
    return sum(rarity.word(word) for word in sorted(words))


def _covered(
    words: Sequence[str], there: set[str], whole: str, rarity: Rarity
) -> Mapping[str, float]:
    total = got = 0.0
    missing = []
    for word in words:
        weight = rarity.word(word)
        sure = 1.0 if word in there else max((near(word, other) for other in there), default=0.0)
        if len(word) >= 4 and word in whole:
            sure = 1.0
        total, got = total + weight, got + sure * weight
        if sure < _FOUND:
            missing.append(weight)
    return {
        "covered": got / max(total, 1e-9),
        "missing": len(missing),
        "rarest missing": max(missing, default=0.0),
        "weight missing": sum(missing),
    }


def _spelling(left: Record, right: Record, rarity: Rarity) -> dict[str, float]:
    one, other = bare(left.title), bare(right.title)
    ours, theirs = letters_of(one), letters_of(other)
    weights = [sum(rarity.gram(g) for g in sorted(part)) for part in (ours, theirs, ours & theirs)]
    a, b, both = weights
    return {
        "letters left": both / max(a, 1e-9),
        "letters right": both / max(b, 1e-9),
        "letters": both / max(a + b - both, 1e-9),
        "word set": fuzz.token_set_ratio(left.title, right.title) / 100,
        "words sorted": fuzz.token_sort_ratio(left.title, right.title) / 100,
        "part sorted": fuzz.partial_token_sort_ratio(left.title, right.title) / 100,
        "part": fuzz.partial_ratio(one, other) / 100,
        "edits": fuzz.ratio(one, other) / 100,
        "beginning": JaroWinkler.similarity(one, other),
    }


def _coded(left: Record, right: Record, rarity: Rarity) -> dict[str, float]:
    ours, theirs = codes(left.title), codes(right.title)
    whole, other = bare(left.text), bare(right.text)
    same = set(ours) & set(theirs)
    best = begin = begun = order = 0.0
    for a in ours:
        for b in theirs:
            short = min(len(a), len(b))
            common = float(Prefix.similarity(a, b))
            best = max(best, OSA.normalized_similarity(a, b))
            begin, begun = max(begin, common / short), max(begun, common)
            order = max(order, LCSseq.similarity(a, b) / short)
    inside = max((len(c) for c in ours if c in other), default=0)
    back = max((len(c) for c in theirs if c in whole), default=0)
    against = bool(ours and theirs) and begin < _AGREE and not inside and not back
    return {
        "codes left": len(ours),
        "codes right": len(theirs),
        "codes shared": len(same),
        "codes shared by all": len(set(codes(left.text)) & set(codes(right.text))),
        "rarest code": max((rarity.word(c) for c in same), default=0.0),
        "code inside right": inside,
        "code inside left": back,
        "codes alike": best,
        "codes begin alike": begin,
        "letters codes begin with": begun,
        "codes in order": order,
        "codes disagree": float(against),
        "left code in right": _within(ours, other),
        "right code in left": _within(theirs, whole),
    }


def _within(found: Sequence[str], whole: str) -> float:
    ratios = [fuzz.partial_ratio(c, whole) / 100 if len(c) <= len(whole) else 0.0 for c in found]
    return max(ratios, default=-0.01)


def _sized(left: Record, right: Record) -> dict[str, float]:
    found: dict[str, float] = {}
    ours, theirs = sizes(left.title), sizes(right.title)
    all_ours, all_theirs = sizes(left.text), sizes(right.text)
    for name, a, b in (("", ours, theirs), (" of all", all_ours, all_theirs)):
        found[f"sizes shared{name}"] = len(a & b)
        found[f"sizes left{name}"] = len(a - b)
        found[f"sizes right{name}"] = len(b - a)
        found[f"sizes disagree{name}"] = float(bool(a and b and not a & b))
    years = [{n for n in side if len(n) == 4 and n[:2] in _CENTURIES} for side in (ours, theirs)]
    disagree = -1.0 if all(years) else 0.0
    return found | {
        "year": 1.0 if years[0] & years[1] else disagree,
        "sizes missing right": len(ours - all_theirs),
        "sizes missing left": len(theirs - all_ours),
    }


def _priced(left: Record, right: Record) -> dict[str, float]:
    a, b = left.price, right.price
    apart = math.log(a / b) if a and b else 0.0
    return {
        "price ratio": apart,
        "price apart": abs(apart) if a and b else -0.1,
        "price left": math.log(a) if a else -1.0,
        "price right": math.log(b) if b else -1.0,
        "prices missing": float((not a) + (not b)),
        "price same": float(bool(a and b) and abs(apart) < _SAME_PRICE),
    }


def _made(left: Record, right: Record) -> dict[str, float]:
    ours, theirs = tokens(left.title), tokens(right.title)
    all_ours, all_theirs = set(tokens(left.text)), set(tokens(right.text))
    return {
        "first word": float(bool(ours and theirs) and ours[0] == theirs[0]),
        "first word in right": float(bool(ours) and ours[0] in all_theirs),
        "first word in left": float(bool(theirs) and theirs[0] in all_ours),
        "maker left": _named(left.maker, all_theirs),
        "maker right": _named(right.maker, all_ours),
        "words left": len(ours),
        "words right": len(theirs),
        "all words left": len(all_ours),
        "all words right": len(all_theirs),
        "length": math.log((len(ours) + 1) / (len(theirs) + 1)),
    }


def _named(maker: str, words: set[str]) -> float:
    parts = tokens(maker)
    return sum(part in words for part in parts) / len(parts) if parts else -1.0
