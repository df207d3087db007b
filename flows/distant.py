"""The engine of a worker whose model is in another process: ``DOCTALLY_MODEL_URL``.

Readings go over, extractions come back (``flows.wire``, ``flows.lending``). While the server is
away, or reads with another version than this worker's bank has, documents wait: the errors are
those of ``flows.engine.AWAY``, and nothing is failed. NOT handled: TLS of our own (put a proxy
before the server), more than one server (put a balancer before them).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock

import httpx

from doctally.categories import Category
from doctally.errors import AccessDenied, BadDocument, ConfigurationError, DoctallyError
from doctally.pages import Reading
from doctally.results import Extraction
from doctally.settings import Settings
from flows.engine import AWAY, Called, Named
from flows.wire import (
    ANSWER,
    LARGEST,
    MOST_PAIRS,
    MOST_READINGS,
    PAIRS,
    PROTOCOL,
    READING,
    SORTING,
    About,
    Answer,
    Sorting,
    light,
    parsed,
    schema_hash,
)
from models.cards import active
from models.lineage import bank_of
from models.pairs import Pair

SILENCE_S = 30.0
"""A server that works says so every few seconds; one that is silent this long is away."""
CONNECT_S = 5.0
FRESH_S = 10.0
"""So long what a server said of itself is believed."""
AT_ONCE_BYTES = 8_000_000
_AGAIN = {"stopped", "engine_ended", "model_busy"}

_lock = Lock()
_known: dict[tuple[str, str], Distant] = {}


class Distant:
    """A ``flows.batch.Extractor`` that asks a model server; several threads may share it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._url = settings.model_url.rstrip("/")
        token = settings.model_token.get_secret_value()
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=httpx.Timeout(SILENCE_S, connect=CONNECT_S, pool=None),
        )
        self._lock = Lock()
        self._about: tuple[About, float] | None = None

    @property
    def version(self) -> str:
        """Return the version that reads; raises one of AWAY."""
        return self._agreed().version

    @property
    def tasks(self) -> frozenset[str]:
        """Return the names of the tasks that its bank has prompts for; raises one of AWAY."""
        return frozenset(self._agreed().tasks)

    def trouble(self) -> str:
        """Return why it cannot be used now; empty if it can. Raises what waiting cannot mend."""
        try:
            self._agreed()
        except DoctallyError as error:
            if error.code not in AWAY:
                raise
            return error.message
        return ""

    def extract(self, readings: Sequence[Reading]) -> list[Extraction]:
        """Return one extraction per reading, in order; raises BadDocument, one of AWAY."""
        found = []
        for one in self.extract_each(readings):
            if isinstance(one, BadDocument):
                raise one
            found.append(one)
        return found

    def extract_each(self, readings: Sequence[Reading]) -> list[Extraction | BadDocument]:
        """Return an extraction or a fault per reading, in order; raises one of AWAY."""
        found: list[Extraction | BadDocument] = []
        for count, body in _bodies(readings):
            self._agreed()
            if len(body) > LARGEST:
                message = f"its pages are more than a model server takes ({LARGEST >> 20} MB)"
                found.append(BadDocument(message, code="too_large"))
                continue
            answer = self._ask("extract", body)
            found += _extractions(answer, count)
        return found

    def same(self, asked: Sequence[Pair]) -> list[float]:
        """Return for each pair the probability that both are the same thing; one of AWAY."""
        found: list[float] = []
        for first in range(0, len(asked), MOST_PAIRS):
            part = tuple(asked[first : first + MOST_PAIRS])
            found += self._ask("same", PAIRS.dump_json(part)).same or ()
        return found

    def categorise(
        self, asked: Sequence[Called], categories: Sequence[Category], taught: Path | None = None
    ) -> list[tuple[str, float]]:
        """Return for each supplier its spend category and how likely that is; one of AWAY."""
        learnt = taught.read_bytes() if taught is not None and taught.is_file() else None
        named = tuple(Named(one.name, one.text) for one in asked)
        question = Sorting(asked=named, categories=tuple(categories), taught=learnt)
        return list(self._ask("categorise", SORTING.dump_json(question)).sorted or ())

    def _agreed(self) -> About:
        """Return what the server is, once it is known to read as this worker's bank does."""
        wanted = active(bank_of(self._settings)).name
        with self._lock:
            now = time.monotonic()
            if self._about and self._about[0].version == wanted and self._about[1] > now:
                return self._about[0]
            about = self._ask("model").about
            self._about = None
            if about is None or (about.protocol, about.schema_hash) != (PROTOCOL, schema_hash()):
                raise self._differs("it is another release of doctally")
            if about.version != wanted:
                raise self._differs(
                    f"it reads with bank version {about.version}, here it is {wanted}: set "
                    "DOCTALLY_BANK or DOCTALLY_HOME to the same on both sides"
                )
            self._about = about, now + FRESH_S
            return about

    def _differs(self, why: str) -> ConfigurationError:
        message = f"the model server at {self._url} does not fit: {why}; documents wait"
        return ConfigurationError(message, code="model_differs")

    def _ask(self, verb: str, body: bytes | None = None) -> Answer:
        """Return the answer; raises one of AWAY, or what the server's engine raised."""
        url = f"{self._url}/{verb}"
        try:
            if body is None:
                response = self._client.get(url)
            else:
                told = {"Content-Type": "application/json"}
                response = self._client.post(url, content=body, headers=told)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise self._away(f"{type(error).__name__}: {error}") from None
        if response.status_code in {401, 403}:
            raise AccessDenied(
                f"the model server at {self._url} does not take our token: set "
                "DOCTALLY_MODEL_TOKEN to the same on both sides; documents wait",
                code="model_denied",
            )
        if response.status_code in {413, 415, 422}:
            raise self._differs(f"it answers {response.status_code} {response.text[:200]}")
        if response.status_code != 200:
            raise self._away(f"status {response.status_code}")
        try:
            answer = parsed(ANSWER, response.content)
        except DoctallyError as error:
            raise self._away(error.message) from None
        if answer.trouble is not None:
            if answer.trouble.code in _AGAIN:
                raise self._away(answer.trouble.message)
            raise answer.trouble.error()
        return answer

    def _away(self, why: str) -> AccessDenied:
        return AccessDenied(
            f"the model server at {self._url} cannot be used now ({why}); documents wait until it "
            "can. Start it there: doctally serve-model",
            code="model_unreachable",
        )


def _bodies(readings: Sequence[Reading]) -> Iterator[tuple[int, bytes]]:
    """Yield what to send: so many readings, and their bytes."""
    parts: list[bytes] = []
    size = 0
    for reading in light(readings):
        part = READING.dump_json(reading)
        if parts and (len(parts) == MOST_READINGS or size + len(part) > AT_ONCE_BYTES):
            yield len(parts), b"[" + b",".join(parts) + b"]"
            parts, size = [], 0
        parts.append(part)
        size += len(part)
    if parts:
        yield len(parts), b"[" + b",".join(parts) + b"]"


def _extractions(answer: Answer, count: int) -> Iterator[Extraction | BadDocument]:
    found = answer.found or ()
    if len(found) != count:
        raise AccessDenied(
            f"the model server gave {len(found)} answers to {count} documents",
            code="model_unreachable",
        )
    for one in found:
        if one.extraction is not None:
            yield one.extraction
        elif one.fault is not None:
            yield BadDocument(one.fault.message, code=one.fault.code)


def distant(settings: Settings) -> Distant:
    """Return this process's client of the model server that the settings name."""
    key = (settings.model_url, settings.model_token.get_secret_value())
    with _lock:
        if key not in _known:
            if not settings.model_url.startswith(("http://", "https://")):
                raise ConfigurationError("DOCTALLY_MODEL_URL must begin with http:// or https://")
            _known.clear()
            _known[key] = Distant(settings)
        return _known[key]
