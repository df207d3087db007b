"""The routes that give documents: the list, one in full, its file, the pictures of its pages."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import FileResponse, Response

from db import audit, documents, review
from db.detail import StoredDocument
from db.review import Entry, Order, Place, Wanted
from doctally.errors import DoctallyError
from doctally.results import Result, State
from doctally.review import pictures
from doctally.review.api.common import MISSING, REFUSALS, DocumentId, Viewer
from doctally.review.api.shapes import Change, Document, Line, Listing, PageShape, Step
from doctally.review.office import Office
from doctally.schemas import DocumentType

MOST = 200
Content = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the file, hex")]


def router(office: Office) -> APIRouter:
    """Return the routes; every role may use them."""
    found = APIRouter(tags=["documents"], responses=REFUSALS)
    database = office.database

    @found.get("/documents", summary="List documents")
    def listed(
        who: Viewer,
        outcome: Annotated[State | None, Query(description="only in this state")] = None,
        document_type: DocumentType | None = None,
        supplier: Annotated[str | None, Query(max_length=500)] = None,
        finding: Annotated[str | None, Query(max_length=100, description="its code")] = None,
        search: Annotated[str, Query(max_length=200, description="words of names, numbers")] = "",
        order: Order = Order.NEWEST,
        after: Annotated[str | None, Query(max_length=200, description="`next` of before")] = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
    ) -> Listing:
        wanted = Wanted(outcome, document_type, supplier, finding, search)
        place = place_of(after) if after else None
        rows = review.queue(
            database, wanted, now=office.now(), order=order, after=place, limit=limit + 1
        )
        more = cursor_of(review.place_of(rows[limit - 1])) if len(rows) > limit else None
        return Listing(items=[line_of(row) for row in rows[:limit]], next=more)

    @found.get("/documents/{document_id}", responses=MISSING, summary="Get one in full")
    def one(document_id: DocumentId, who: Viewer) -> Document:
        return shape_of(office, documents.document(database, document_id))

    @found.get("/contents/{sha256}", responses=MISSING, summary="Get the one with this content")
    def by_content(sha256: Content, who: Viewer) -> Document:
        document_id = documents.with_content(database, sha256)
        if document_id is None:
            raise DoctallyError("nobody has brought this content yet", code="no_such_document")
        return shape_of(office, documents.document(database, document_id))

    @found.get(
        "/documents/{document_id}/file",
        response_class=FileResponse,
        responses={**MISSING, 200: _bytes("application/octet-stream")},
        summary="Get its file as it came",
    )
    def file(document_id: DocumentId, who: Viewer) -> FileResponse:
        about = documents.document(database, document_id).summary
        home = office.folders.home.resolve()
        path = (home / about.location).resolve()
        if not about.location or not path.is_relative_to(home) or not path.is_file():
            raise DoctallyError("its file is no longer there", code="no_such_file")
        return FileResponse(path, media_type="application/octet-stream", filename=about.name)

    @found.get(
        "/documents/{document_id}/pages/{number}",
        response_class=Response,
        responses={**MISSING, 200: _bytes("image/png", "image/jpeg", "image/svg+xml")},
        summary="Get the picture of a page",
    )
    def page(
        document_id: DocumentId,
        who: Viewer,
        number: Annotated[int, Path(ge=1, le=100_000)],
        step: Annotated[int, Query(ge=0, le=2, description="sharpness")] = 1,
    ) -> Response:
        picture = pictures.picture_of(office, document_id, number, step)
        return Response(picture.content, media_type=picture.media_type)

    return found


def shape_of(office: Office, found: StoredDocument) -> Document:
    """Return a document as the API gives it."""
    about = found.summary
    result = Result(about.name, found.extraction, found.findings, about.state).as_json()
    result.pop("document_type")
    return Document(
        **result,
        id=about.document_id,
        sha256=found.sha256,
        tags=list(about.tags),
        reason_code=about.reason_code,
        reason=about.reason,
        document_type=about.document_type,
        pages=[
            PageShape(number=p.number, width=p.width, height=p.height)
            for p in documents.pages(office.database, about.document_id)
        ],
        model_version=found.extraction.model_version if found.extraction else "",
        received_at=about.claimed_at,
        updated_at=about.updated_at,
        parent_id=about.parent_id,
        parts=list(found.parts),
        history=[
            Step(before=s.before, after=s.after, at=s.at, by=s.owner, reason_code=s.reason_code)
            for s in found.history
        ],
        changes=[
            Change(at=e.at, who=e.who, action=e.action, field=e.field, old=e.old, new=e.new)
            for e in audit.trail(office.database, about.document_id)
        ],
    )


def line_of(entry: Entry) -> Line:
    """Return a line of the list as the API gives it."""
    return Line(
        id=entry.document_id,
        file=entry.name,
        tags=list(entry.tags),
        outcome=entry.state,
        document_type=entry.document_type,
        supplier=entry.supplier,
        number=entry.number,
        amount=None if entry.amount is None else str(entry.amount),
        currency=entry.currency,
        doubts=entry.doubts,
        reason_code=entry.reason_code,
        reason=entry.reason,
        updated_at=entry.updated_at,
    )


def cursor_of(place: Place) -> str:
    """Return a place in the list as a word for programs to give back."""
    told = f"{place.priority!r} {place.updated_at.isoformat()} {place.document_id}"
    return urlsafe_b64encode(told.encode()).decode().rstrip("=")


def place_of(cursor: str) -> Place:
    """Return the place that a cursor names; raises DoctallyError (bad_cursor)."""
    try:
        told = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        priority, at, document_id = told.split(" ")
        place = Place(float(priority), datetime.fromisoformat(at), int(document_id))
    except (ValueError, binascii.Error) as error:
        raise DoctallyError("`after` is no `next` of ours", code="bad_cursor") from error
    fits = abs(place.document_id) < 2**53 and abs(place.priority) < 1e300
    if place.updated_at.tzinfo is None or not fits:
        raise DoctallyError("`after` is no `next` of ours", code="bad_cursor")
    return place


def _bytes(*media_types: str) -> dict[str, Any]:
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {"description": "The bytes", "content": dict.fromkeys(media_types, binary)}
