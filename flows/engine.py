"""The engine of this process: backbone and bank loaded once, shared by all runs, one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from doctally.categories import Category
from doctally.errors import BadDocument, DoctallyError
from doctally.pages import Reading
from doctally.results import Extraction
from doctally.settings import Settings
from flows.batch import Extractor

if TYPE_CHECKING:
    from models.pairs import Pair

AWAY = frozenset({"model_unreachable", "model_denied", "model_differs"})
"""The codes of a model server that cannot be used now: documents wait until it can."""

_lock = Lock()
_loaded: dict[tuple[str | int, ...], Extractor] = {}


class Called(Protocol):
    """What is known of a supplier: its name, and its lines or other text."""

    @property
    def name(self) -> str:
        """Return its name."""
        ...

    @property
    def text(self) -> str:
        """Return its lines or other text."""
        ...


@dataclass(frozen=True, slots=True)
class Named:
    """A supplier to be sorted."""

    name: str
    text: str = ""


@runtime_checkable
class Separate(Protocol):
    """An engine that tells of each document whether it is at fault."""

    def extract_each(self, readings: Sequence[Reading]) -> list[Extraction | BadDocument]:
        """Return an extraction per reading, or its fault."""
        ...


@runtime_checkable
class Sorter(Protocol):
    """An engine that knows spend categories."""

    def categorise(
        self, asked: Sequence[Called], categories: Sequence[Category], taught: Path | None = None
    ) -> list[tuple[str, float]]:
        """Return for each supplier its spend category and how likely that is."""
        ...


@runtime_checkable
class Comparer(Protocol):
    """An engine that can tell whether two records are the same thing, if its bank knows how."""

    @property
    def tasks(self) -> frozenset[str]:
        """Return the names of the tasks that the bank has prompts for."""
        ...

    def same(self, asked: Sequence[Pair]) -> list[float]:
        """Return for each pair the probability that both records are the same thing."""
        ...


class OneAtATime:
    """An engine that several threads may call; the model works on one batch at a time."""

    def __init__(self, engine: Extractor) -> None:
        self._engine = engine
        self._lock = Lock()
        self.version = engine.version

    def extract(self, readings: Sequence[Reading]) -> list[Extraction]:
        """Return one extraction per reading, in order."""
        with self._lock:
            return self._engine.extract(readings)

    def categorise(
        self, asked: Sequence[Called], categories: Sequence[Category], taught: Path | None = None
    ) -> list[tuple[str, float]]:
        """Return for each supplier its spend category; none where the engine knows no such task."""
        if not isinstance(self._engine, Sorter):
            return []
        from models.spend import Asked

        with self._lock:
            asks = [Asked(one.name, one.text) for one in asked]
            return self._engine.categorise(asks, categories, taught)

    @property
    def tasks(self) -> frozenset[str]:
        """Return the names of the tasks that the bank has prompts for."""
        return self._engine.tasks if isinstance(self._engine, Comparer) else frozenset()

    def same(self, asked: Sequence[Pair]) -> list[float]:
        """Return for each pair the probability that both are the same thing; 0 if unknown."""
        if not isinstance(self._engine, Comparer):
            return [0.0] * len(asked)
        with self._lock:
            return self._engine.same(asked)


def shared_engine(settings: Settings) -> Extractor:
    """Return this process's engine for the settings, loading it the first time (seconds).

    A bank whose active version changed is loaded anew; where a model server is set its client is
    returned, which asks it nothing yet. Raises ConfigurationError.
    """
    from models.cards import active
    from models.lineage import bank_of

    if settings.model_url:
        from flows.distant import distant

        return distant(settings)
    bank = bank_of(settings)
    how = (settings.threads, settings.precision, settings.device)
    key = (settings.backbone, f"{bank}@{active(bank).name}", *how)
    with _lock:
        if key not in _loaded:
            from models.engine import Engine

            engine = Engine.load(
                backbone=settings.backbone,
                bank=bank,
                threads=settings.threads,
                precision=settings.precision,
                device=settings.device,
            )
            _loaded.clear()
            _loaded[key] = OneAtATime(engine)
        return _loaded[key]


def extract_each(engine: Extractor, readings: Sequence[Reading]) -> list[Extraction | BadDocument]:
    """Return an extraction per reading; where the model fails on one, its fault instead.

    Raises what no document is to blame for: ConfigurationError, being stopped, MemoryError.
    """
    if isinstance(engine, Separate):
        return engine.extract_each(readings)
    try:
        return list(engine.extract(readings))
    except BadDocument as fault:
        if len(readings) == 1:
            return [fault]
    except (DoctallyError, MemoryError):
        raise
    except Exception as error:  # whatever a document does to the model, the others go on
        if len(readings) == 1:
            message = f"the model failed on it: {type(error).__name__}: {error}"
            return [BadDocument(message, code="engine_error")]
    return [extract_each(engine, [reading])[0] for reading in readings]
