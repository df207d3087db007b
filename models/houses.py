"""Which confirmed documents are of one supplier, and what is learnt of it, checked crosswise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Protocol

from models.config import Config
from models.engine import Engine
from models.labels import squash
from models.lessons import Lesson, taught
from models.marks import NAMES, OWN_NUMBERS, SAYS_WHO, Face, Marks, distinct, face, known_by
from models.network import Network
from models.owned import Supplier, Suppliers
from models.recall import Recall
from models.scoring import States
from models.trial import Comparison, Sheet, compare, sheet
from models.tutor import Notes, notes, tutored

PAPERS = 24
"""A supplier is learnt from its latest papers, at most so many."""

FOLDS = 5
_ASIDE = 5  # one supplier in so many is kept aside for judging the tasks


class MakeEngine(Protocol):
    """Makes an engine of one network with these suppliers."""

    def __call__(self, known: Suppliers, states: States | None = None) -> Engine:
        """Return the engine; ``states`` reads in the network's place."""


@dataclass(frozen=True, slots=True)
class House:
    """A supplier's confirmed documents, oldest first; ``key`` stays the same over the years."""

    key: str
    title: str
    lessons: tuple[Lesson, ...]

    @property
    def aside(self) -> bool:
        """Tell whether no task may ever be trained on these documents, by a hash of the key."""
        return sha256(self.key.encode()).digest()[0] % _ASIDE == 0


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was learnt of a supplier, and whether it is kept; ``why`` is for a person."""

    house: House
    supplier: Supplier | None
    comparison: Comparison
    why: str

    @property
    def kept(self) -> bool:
        """Tell whether the supplier's new numbers are used."""
        return self.supplier is not None


def houses(lessons: Sequence[Lesson]) -> list[House]:
    """Return the suppliers: documents that share a tax number, a bank account or a name.

    A document of which nothing of the kind is known belongs to none.
    """
    groups: list[tuple[set[str], list[Lesson]]] = []
    for lesson in sorted(lessons, key=lambda one: one.document_id):
        marks = set(_identity(lesson))
        if not marks:
            continue
        met = [group for group in groups if not group[0].isdisjoint(marks)]
        rest = [group for group in groups if group[0].isdisjoint(marks)]
        together = sorted([x for _, some in met for x in some], key=lambda x: x.document_id)
        groups = [*rest, (marks.union(*(m for m, _ in met)), [*together, lesson])]
    made = [House(min(_identity(some[0])), _title(some), tuple(some)) for _, some in groups]
    return sorted(made, key=lambda house: house.lessons[0].document_id)


def marks_of(every: Sequence[House]) -> dict[str, Marks]:
    """Return what each supplier is known by, without what others print too."""
    marks, faces = {}, {}
    for house in every:
        marks[house.key] = _marks(house.lessons)
        faces[house.key] = [face(lesson.reading) for lesson in house.lessons[-PAPERS:]]
    return distinct(marks, faces)


class School:
    """Learns suppliers on top of one network; what that says of a paper is computed once."""

    def __init__(
        self,
        network: Network,
        config: Config,
        every: Sequence[House],
        *,
        engine: MakeEngine,
    ) -> None:
        self._network = network
        self._recall = Recall(network)
        self._config = config
        self._engine = engine
        self._marks = marks_of(every)
        self._faces: Mapping[str, list[Face]] = {
            house.key: [face(lesson.reading) for lesson in house.lessons[-PAPERS:]]
            for house in every
        }
        self._notes: dict[int, Notes] = {}

    def learn(self, house: House, before: Suppliers) -> Learnt:
        """Return what is learnt of a supplier, kept if its papers are read better by it.

        Each paper is judged by numbers that were learnt without it (``FOLDS`` parts). One paper
        alone cannot be judged so: it is learnt from, and what comes next is for people to see.
        """
        papers = house.lessons[-PAPERS:]
        self._recall.clear()
        readings = [lesson.reading for lesson in papers]
        old = [sheet(p, f) for p, f in zip(papers, self._read(before, readings), strict=True)]
        new = self._crosswise(house, papers, before) if len(papers) > 1 else old
        comparison = compare(house.title, old, new)
        if len(papers) == 1:
            why = "learnt from one paper, not judged yet"
        elif comparison.new_wrong >= comparison.old_wrong:
            return Learnt(house, None, comparison, "its papers are not read better")
        elif comparison.got_worse:
            return Learnt(house, None, comparison, "its papers are read worse")
        else:
            why = "its papers are read better"
        return Learnt(house, self._supplier(house, papers, self._marks[house.key]), comparison, why)

    def _crosswise(self, house: House, papers: Sequence[Lesson], before: Suppliers) -> list[Sheet]:
        found: dict[int, Sheet] = {}
        for part in _parts(len(papers)):
            rest = [lesson for n, lesson in enumerate(papers) if n not in part]
            others = {k: v for k, v in self._faces.items() if k != house.key}
            faces = {**others, house.key: [face(lesson.reading) for lesson in rest]}
            marks = distinct({house.key: _marks(rest)}, faces)[house.key]
            known = before.with_({house.key: self._supplier(house, rest, marks)})
            read = self._read(known, [papers[n].reading for n in part])
            found.update({n: sheet(papers[n], one) for n, one in zip(part, read, strict=True)})
        return [found[n] for n in range(len(papers))]

    def _supplier(self, house: House, papers: Sequence[Lesson], marks: Marks) -> Supplier:
        own = tutored(self._network, self._config, [self._noted(lesson) for lesson in papers])
        return Supplier(house.title, marks, own, tuple(lesson.document_id for lesson in papers))

    def _noted(self, lesson: Lesson) -> Notes:
        if lesson.document_id not in self._notes:
            told = taught(lesson, self._network.backbone.tokenizer)
            self._notes[lesson.document_id] = notes(
                self._network, self._config, told, states=self._recall.states
            )
        return self._notes[lesson.document_id]

    def _read(self, suppliers: Suppliers, readings: Sequence[Any]) -> list[Any]:
        whole = [replace(reading, record=None) for reading in readings]
        return self._engine(suppliers.as_stored(), self._recall.states).extract(whole)


def _parts(count: int) -> Iterator[tuple[int, ...]]:
    folds = min(count, FOLDS)
    yield from (tuple(range(start, count, folds)) for start in range(folds))


def _marks(lessons: Sequence[Lesson]) -> Marks:
    def values(names: Sequence[str]) -> list[str]:
        return [v.value for one in lessons for n in names if (v := one.fields.get(n)) is not None]

    papers = [lesson.reading for lesson in lessons[-PAPERS:]]
    return known_by(values(SAYS_WHO), values(NAMES), papers)


def _identity(lesson: Lesson) -> Iterator[str]:
    """Return what says whose paper it is, names of fields before the squashed values."""
    if lesson.supplier:
        yield f"known:{lesson.supplier}"
        return
    for name in (*OWN_NUMBERS, *NAMES):
        value = lesson.fields.get(name)
        if value is not None and (name, None) not in lesson.doubtful and squash(value.value):
            yield f"{name}:{squash(value.value)}"


def _title(lessons: Sequence[Lesson]) -> str:
    names = [v.value for one in lessons if (v := one.fields.get("supplier_name")) is not None]
    return names[-1] if names else lessons[-1].supplier or min(_identity(lessons[0]))
