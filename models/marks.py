"""By what a supplier's papers are known: numbers of its own, its name, how its first page looks.

Nothing here asks the model: what is looked for is looked for in the words of the page, so that a
supplier whose papers the model reads badly is known all the same. Whoever is not surely known is
nobody, and read as if there were no suppliers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from doctally.pages import Page, Reading
from models.labels import squash

OWN_NUMBERS = ("supplier_tax_id", "supplier_iban")
SAYS_WHO = (*OWN_NUMBERS, "supplier_email", "supplier_phone")
NAMES = ("supplier_name",)
NUMBERED = 8  # letters and digits: a shorter number is on too many papers
NAMED = 5
ALIKE = 0.7  # of a first page's words, where nothing else tells a supplier
WITH_NAME = 0.3
WITHOUT_NUMBER = 0.4  # a number is known but not on this paper

Spot = tuple[str, float, float]
"""A word and where it starts on the first page."""

_NEAR = (0.03, 0.05)  # of the page's width and height
_SPOTS = 80
_SHARE = 0.6  # of a supplier's papers that print a word there


@dataclass(frozen=True, slots=True)
class Marks:
    """A supplier's marks; texts are squashed to letters and digits."""

    numbers: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    spots: tuple[Spot, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the marks for a file."""
        return {
            "numbers": sorted(self.numbers),
            "names": sorted(self.names),
            "spots": [[text, round(x, 4), round(y, 4)] for text, x, y in self.spots],
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Marks:
        """Return the marks of ``as_json``; raises ValueError, KeyError or TypeError if not."""
        spots = tuple((str(text), float(x), float(y)) for text, x, y in told["spots"])
        return cls(frozenset(map(str, told["numbers"])), frozenset(map(str, told["names"])), spots)


@dataclass(frozen=True, slots=True)
class Face:
    """What of a reading is compared with marks."""

    text: str
    places: Mapping[str, tuple[tuple[float, float], ...]]


def face(reading: Reading) -> Face:
    """Return what of a reading is compared with marks."""
    places: dict[str, list[tuple[float, float]]] = {}
    for text, x, y in _spots(reading.pages[0]) if reading.pages else ():
        places.setdefault(text, []).append((x, y))
    joined = "".join(squash(word.text) for page in reading.pages for word in page.words)
    return Face(joined, {text: tuple(found) for text, found in places.items()})


def known_by(numbers: Iterable[str], names: Iterable[str], papers: Sequence[Reading]) -> Marks:
    """Return the marks of a supplier from its papers and what people say that it is called.

    A number that none of the papers prints in one piece is no mark.
    """
    texts = [face(paper).text for paper in papers]
    return Marks(
        frozenset(
            n for n in map(squash, numbers) if len(n) >= NUMBERED and any(n in t for t in texts)
        ),
        frozenset(n for n in map(squash, names) if len(n) >= NAMED),
        _common(papers),
    )


def distinct(marks: Mapping[str, Marks], faces: Mapping[str, Sequence[Face]]) -> dict[str, Marks]:
    """Return the marks without what is also printed on other suppliers' papers (our own number).

    ``faces`` are the papers of each supplier.
    """
    found = {}
    for name, own in marks.items():
        others = [f.text for other, papers in faces.items() if other != name for f in papers]
        found[name] = Marks(
            frozenset(n for n in own.numbers if not any(n in text for text in others)),
            frozenset(n for n in own.names if not any(n in text for text in others)),
            own.spots,
        )
    return found


def recognise(shown: Face, marks: Mapping[str, Marks]) -> str | None:
    """Return the supplier whose paper it is, None where that is not sure."""
    best: tuple[float, str] | None = None
    for name in sorted(marks):
        score = sureness(shown, marks[name])
        if score and (best is None or score > best[0]):
            best = (score, name)
    return best[1] if best else None


def sureness(shown: Face, own: Marks) -> float:
    """Return how sure it is that a paper is a supplier's: 0 where it is not."""
    if any(number in shown.text for number in own.numbers):
        return 2.0 + likeness(shown, own.spots)
    named = any(name in shown.text for name in own.names)
    if not named and (own.numbers or own.names):
        return 0.0
    alike = likeness(shown, own.spots)
    if named:
        return 1.0 + alike if alike >= (WITHOUT_NUMBER if own.numbers else WITH_NAME) else 0.0
    return alike if alike >= ALIKE else 0.0


def likeness(shown: Face, spots: Sequence[Spot]) -> float:
    """Return the share of the words that stand on the first page where they are expected."""
    if not spots:
        return 0.0
    return sum(_there(shown, spot) for spot in spots) / len(spots)


def _there(shown: Face, spot: Spot) -> bool:
    text, x, y = spot
    return any(
        abs(x - other_x) <= _NEAR[0] and abs(y - other_y) <= _NEAR[1]
        for other_x, other_y in shown.places.get(text, ())
    )


def _spots(page: Page) -> list[Spot]:
    """Return the words of letters, in reading order."""
    found = []
    for word in page.words:
        text = squash(word.text)
        if len(text) >= 3 and not any(map(str.isdigit, text)):
            found.append((text, word.box.x0, word.box.y0))
    return found


def _common(papers: Sequence[Reading]) -> tuple[Spot, ...]:
    """Return the words that most papers print at the same place."""
    faces = [face(paper) for paper in papers]
    found: list[Spot] = []
    seen: Counter[str] = Counter()
    for paper in papers:
        for spot in _spots(paper.pages[0]) if paper.pages else ():
            if any(s[0] == spot[0] and _near(s, spot) for s in found) or seen[spot[0]] >= 3:
                continue
            if sum(_there(other, spot) for other in faces) >= _SHARE * len(faces):
                found.append(spot)
                seen[spot[0]] += 1
    return tuple(found[:_SPOTS])


def _near(one: Spot, other: Spot) -> bool:
    return abs(one[1] - other[1]) <= _NEAR[0] and abs(one[2] - other[2]) <= _NEAR[1]
