"""What a model server and its callers say to each other: JSON, checked when it comes in.

Numbers are written so that the very same come out; nothing is pickled. What lies inside a file
stays at home: the model reads pages and records only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeVar

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from doctally.categories import Category
from doctally.errors import BadDocument, ConfigurationError, DoctallyError
from doctally.pages import Reading
from doctally.results import Extraction
from doctally.schemas import DocumentType, all_header_fields, item_fields
from flows.engine import Named
from models.pairs import Pair

PROTOCOL = 1
MOST_READINGS = 32
"""Documents in one call: what a caller sends at once, and what is read in one pass."""
LARGEST = 128 << 20
"""Bytes of one question."""
MOST_PAIRS = 1000
MOST_NAMES = 1000

Sent = TypeVar("Sent")


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sorting(_Form):
    """Suppliers to be sorted into categories, and what corrections have taught."""

    asked: Annotated[tuple[Named, ...], Field(max_length=MOST_NAMES)]
    categories: Annotated[tuple[Category, ...], Field(max_length=MOST_NAMES)]
    taught: Base64Bytes | None = None
    """The file as it is: safetensors."""


class About(_Form):
    """What a model server has loaded, and how it talks."""

    protocol: int
    schema_hash: str
    version: str
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error on its way; ``document`` says that the document is to blame."""

    code: str
    message: str
    document: bool = False

    @classmethod
    def of(cls, error: DoctallyError) -> Trouble:
        """Return what goes over the wire of an error."""
        return cls(error.code, error.message, isinstance(error, BadDocument))

    def error(self) -> DoctallyError:
        """Return the error at the other end."""
        if self.document:
            return BadDocument(self.message, code=self.code)
        if self.code == ConfigurationError.code:
            return ConfigurationError(self.message)
        return DoctallyError(self.message, code=self.code)


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one reading."""

    extraction: Extraction | None = None
    fault: Trouble | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to any question: one field of it is filled in."""

    found: tuple[Found, ...] | None = None
    same: tuple[float, ...] | None = None
    sorted: tuple[tuple[str, float], ...] | None = None
    about: About | None = None
    trouble: Trouble | None = None


READING = TypeAdapter(Reading)
READINGS: TypeAdapter[tuple[Reading, ...]] = TypeAdapter(
    Annotated[tuple[Reading, ...], Field(max_length=MOST_READINGS)]
)
PAIRS: TypeAdapter[tuple[Pair, ...]] = TypeAdapter(
    Annotated[tuple[Pair, ...], Field(max_length=MOST_PAIRS)]
)
SORTING = TypeAdapter(Sorting)
ANSWER = TypeAdapter(Answer)


def parsed(form: TypeAdapter[Sent], body: bytes) -> Sent:
    """Return what was sent; raises DoctallyError (``bad_request``) saying where it does not fit."""
    try:
        return form.validate_json(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        message = f"{error.error_count()} things do not fit, the first: {where}: {first['msg']}"
        raise DoctallyError(message, code="bad_request") from None


def light(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """Return the readings without what lies inside their files."""
    return tuple(replace(reading, parts=()) for reading in readings)


def answered(found: Sequence[Extraction | BadDocument]) -> Answer:
    """Return the answer to a question for extractions."""
    return Answer(
        found=tuple(
            Found(extraction=one) if isinstance(one, Extraction) else Found(fault=Trouble.of(one))
            for one in found
        )
    )


def schema_hash() -> str:
    """Return a mark of the fields that this program knows: both ends must have the same."""
    known: list[Any] = [[str(kind) for kind in DocumentType]]
    known += [[spec.name, str(spec.kind)] for spec in (*all_header_fields(), *item_fields())]
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()[:16]
