"""What the API takes and gives, as OpenAPI describes it."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from doctally.results import Severity, Source, State
from doctally.schemas import DocumentType


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Trouble(_Shape):
    """Why a request was refused."""

    code: str = Field(description="stable, for programs")
    message: str = Field(description="a sentence for a person")
    faults: dict[str, str] | None = Field(None, description="what is wrong, by field")


class Value(_Shape):
    """A value in normal form with its provenance."""

    value: str
    confidence: float = Field(ge=0, le=1, description="calibrated probability")
    page: int | None = Field(description="page that prints it, from 1")
    bbox: list[float] | None = Field(
        description="x0, y0, x1, y1 in fractions of the page, origin top left"
    )
    source: Source


class FindingShape(_Shape):
    """A rule's verdict."""

    code: str
    severity: Severity
    message: str
    fields: list[str]


class PageShape(_Shape):
    """A page's size in points."""

    number: int
    width: float
    height: float


class Step(_Shape):
    """A step in the document's life."""

    before: State | None
    after: State
    at: datetime
    by: str
    reason_code: str


class Change(_Shape):
    """A change that a person made."""

    at: datetime
    who: str
    action: str
    field: str | None
    old: str | None
    new: str | None


class Document(_Shape):
    """A document in full: what was read, what is doubtful, what happened to it."""

    id: int
    sha256: str | None
    file: str
    tags: list[str]
    outcome: State
    reason_code: str
    reason: str
    document_type: DocumentType | None
    route_confidence: float | None
    fields: dict[str, Value]
    line_items: list[dict[str, Value]]
    findings: list[FindingShape]
    pages: list[PageShape]
    model_version: str
    received_at: datetime
    updated_at: datetime = Field(description="give it back as `seen` to change what you saw")
    parent_id: int | None
    parts: list[int]
    history: list[Step]
    changes: list[Change]


class Line(_Shape):
    """A document in one line."""

    id: int
    file: str
    tags: list[str]
    outcome: State
    document_type: DocumentType | None
    supplier: str | None
    number: str | None
    amount: str | None
    currency: str | None
    doubts: int
    reason_code: str
    reason: str
    updated_at: datetime


class Listing(_Shape):
    """A page of documents."""

    items: list[Line]
    next: str | None = Field(description="the `after` of the next page; null: no more")


class Uploaded(_Shape):
    """A file that was taken; what becomes of it is found at `status` a little later."""

    file: str
    tags: list[str]
    sha256: str
    size: int
    document_id: int | None = Field(description="set if this content was known already")
    status: str = Field(description="where the document is found once it was claimed")


class Rejection(_Shape):
    """Why a document is taken out of the work."""

    reason: str = Field("", max_length=2000)


class Decision(_Shape):
    """How a document stands after a person's act."""

    id: int
    outcome: State
    changed: int = Field(description="how many values were wrong")
    findings: list[FindingShape]
