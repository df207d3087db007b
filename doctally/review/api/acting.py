"""The routes that change something: upload, corrections, confirm, reject."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, BinaryIO

from fastapi import APIRouter, File, Form, Query, UploadFile

from db import audit, documents
from doctally.edits import Edits
from doctally.errors import DoctallyError
from doctally.results import State
from doctally.review.api.common import CONFLICT, MISSING, REFUSALS, DocumentId, Reviewer, Seen
from doctally.review.api.shapes import Decision, FindingShape, Rejection, Uploaded
from doctally.review.office import Office
from flows import review
from flows.review import Decided
from flows.upload import Received, receive

CHUNK = 1 << 20
Tag = Annotated[str, Query(min_length=1, max_length=100)]


def router(office: Office) -> APIRouter:
    """Return the routes; reviewers and administrators may use them."""
    found = APIRouter(tags=["changes"], responses=REFUSALS)
    refused = {**MISSING, **CONFLICT}

    @found.post("/documents", status_code=202, summary="Upload a file")
    def upload(
        who: Reviewer,
        file: Annotated[UploadFile, File(description="the document")],
        tags: Annotated[list[Tag], Form(max_length=7, description="sub-folders")] = [],  # noqa: B006
    ) -> Uploaded:
        taken = take(office, file.filename or "", file.file, tags=tags, who=who.name)
        return Uploaded(
            file=taken.name,
            tags=list(taken.tags),
            sha256=taken.sha256,
            size=taken.size,
            document_id=documents.with_content(office.database, taken.sha256),
            status=f"/api/contents/{taken.sha256}",
        )

    @found.post(
        "/documents/{document_id}/corrections", summary="Correct and confirm it", responses=refused
    )
    def correct(
        document_id: DocumentId, who: Reviewer, edits: Edits, seen: Seen = None
    ) -> Decision:
        if edits.empty:
            message = "no correction is given; /confirm takes a document as it is"
            raise DoctallyError(message, code="nothing_given")
        decided = review.confirm(
            office.desk, document_id, edits, who=who.name, now=office.now(), seen=seen
        )
        return decision(decided)

    @found.post(
        "/documents/{document_id}/confirm", summary="Confirm it as it is", responses=refused
    )
    def confirm(document_id: DocumentId, who: Reviewer, seen: Seen = None) -> Decision:
        decided = review.confirm(
            office.desk, document_id, Edits(), who=who.name, now=office.now(), seen=seen
        )
        return decision(decided)

    @found.post(
        "/documents/{document_id}/reject", summary="Take it out of the work", responses=refused
    )
    def reject(
        document_id: DocumentId, who: Reviewer, given: Rejection, seen: Seen = None
    ) -> Decision:
        decided = review.reject(
            office.desk, document_id, given.reason, who=who.name, now=office.now(), seen=seen
        )
        return decision(decided)

    return found


def take(office: Office, name: str, content: BinaryIO, *, tags: list[str], who: str) -> Received:
    """Return the file that was put into the inbox; who brought it is in the audit trail.

    Raises TooLarge, EmptyFile, AccessDenied.
    """
    most = office.settings.max_file_mb << 20
    taken = receive(office.folders, name, _pieces(content), tags=tags, most=most)
    with office.database.write() as session:
        audit.write(
            session,
            who=who,
            action="uploaded",
            field="/".join((*taken.tags, taken.name)),
            new=taken.sha256,
            now=office.now(),
        )
    return taken


def decision(decided: Decided) -> Decision:
    """Return how a document stands as the API gives it."""
    return Decision(
        id=decided.document_id,
        outcome=State(decided.state),
        changed=decided.changed,
        findings=[
            FindingShape(code=f.code, severity=f.severity, message=f.message, fields=list(f.fields))
            for f in decided.findings
        ],
    )


def _pieces(content: BinaryIO) -> Iterator[bytes]:
    content.seek(0)
    while piece := content.read(CHUNK):
        yield piece
