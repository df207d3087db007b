"""The engine of this process: backbone and bank loaded once, shared by all runs, one at a time."""

from __future__ import annotations

from collections.abc import Sequence
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
    from models.spend import Asked

_lock = Lock()
_loaded: dict[tuple[str, str, int], Extractor] = {}


@runtime_checkable
class Sorter(Protocol):
    """An engine that knows spend categories."""

    def categorise(
        self, asked: Sequence[Asked], categories: Sequence[Category], taught: Path | None = None
    ) -> list[tuple[str, float]]:
        """Return for each supplier its spend category and how likely that is."""
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
        self, asked: Sequence[Asked], categories: Sequence[Category], taught: Path | None = None
    ) -> list[tuple[str, float]]:
        """Return for each supplier its spend category; none where the engine knows no such task."""
        if not isinstance(self._engine, Sorter):
            return []
        with self._lock:
            return self._engine.categorise(asked, categories, taught)


def shared_engine(settings: Settings) -> Extractor:
    """Return this process's engine for the settings, loading it the first time (seconds).

    A bank whose active version changed is loaded anew. Raises ConfigurationError.
    """
    from models.bank import active
    from models.lineage import bank_of

    bank = bank_of(settings)
    key = (settings.backbone, f"{bank}@{active(bank).name}", settings.threads)
    with _lock:
        if key not in _loaded:
            from models.engine import Engine

            engine = Engine.load(backbone=settings.backbone, bank=bank, threads=settings.threads)
            _loaded.clear()
            _loaded[key] = OneAtATime(engine)
        return _loaded[key]


def extract_each(engine: Extractor, readings: Sequence[Reading]) -> list[Extraction | BadDocument]:
    """Return an extraction per reading; where the model fails on one, its fault instead.

    Raises what no document is to blame for: ConfigurationError, being stopped, MemoryError.
    """
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
