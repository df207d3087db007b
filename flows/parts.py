"""Documents that came inside other files: kept, claimed with their parent's end, handed out.

Why a kill at any point loses nothing and does nothing twice:

1. The pieces are on disk (``flows.spool``). Killed here: the parent is unfinished and read again,
   the same pieces get the same names.
2. One transaction ends the parent and claims its pieces, which are unique by SHA-256. A content
   that is known is linked to the parent, not processed again.
3. Each piece is renamed to where its document is worked on. Killed before: ``flows.recovery``
   finds a claimed document whose content is in the spool and makes the same move.
4. The parent's file is filed, like any other.

Against bombs: an outermost file gives ``max_parts`` documents, ``max_unpacked_mb`` and
``max_depth`` levels at most; what goes beyond fails with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from db import documents
from db.database import Database
from db.documents import ClaimStatus, Incoming, Stored
from doctally.errors import BadDocument, UnreadableDocument
from doctally.required import check_required
from doctally.results import Extraction
from doctally.schemas import DocumentType
from doctally.settings import Settings
from flows.batch import Item
from flows.claims import LEASE_S, Job
from flows.filing import forget_failure
from flows.folders import Folders
from flows.spool import Spool


def keep(item: Item, database: Database, spool: Spool, settings: Settings) -> None:
    """Put what is inside the item's file on disk, or give the item a fault if it is too much.

    What was cut out of a stack is not a stack again.
    """
    reading = item.reading
    if reading is not None and reading.loose and (item.job.cut or not settings.split_stacks):
        item.reading = reading = replace(reading, loose=False)
    if reading is None or not reading.parts:
        return
    sizes = [len(part.content) for part in reading.parts]
    item.fault = excess(item, sizes, database, settings)
    if item.fault is not None:
        item.reading = None
        return
    kept = [piece for part in reading.parts if (piece := spool.keep(part)) is not None]
    item.inside, item.reading = tuple(kept), replace(reading, parts=())
    if not kept and not reading.pages and reading.record is None:
        item.fault = UnreadableDocument("The file holds no documents.", code="nothing_inside")


def excess(
    item: Item, sizes: Iterable[int], database: Database, settings: Settings
) -> BadDocument | None:
    """Return why so much cannot be taken out of the item's file, None if it can."""
    found = list(sizes)
    where = documents.lineage(database, item.job.document_id)
    if where.depth >= settings.max_depth:
        return UnreadableDocument(
            f"It lies {where.depth} files deep in document {where.root_id}; the limit is "
            f"{settings.max_depth}.",
            code="too_deep",
        )
    if where.total + len(found) > settings.max_parts:
        return UnreadableDocument(
            f"Document {where.root_id} would give {where.total + len(found)} documents; the limit "
            f"is {settings.max_parts}. Send several smaller ones.",
            code="too_many_parts",
        )
    if where.size + sum(found) > settings.max_unpacked_mb * 1_000_000:
        return UnreadableDocument(
            f"Document {where.root_id} would give more than {settings.max_unpacked_mb} MB.",
            code="archive_bomb",
        )
    return None


def stands_alone(extraction: Extraction) -> bool:
    """Tell whether a file that holds others is a document itself, not a cover note."""
    kind = DocumentType(extraction.document_type)
    return kind is not DocumentType.OTHER and not list(check_required(kind, extraction.fields))


def unpack(
    item: Item,
    row: Stored,
    database: Database,
    settings: Settings,
    *,
    owner: str,
    now: datetime,
) -> None:
    """End a file that holds others and claim what is inside; once, however often it is tried."""
    if item.pieces is not None:
        return
    item.fault = excess(item, [piece.size for piece in item.inside], database, settings)
    if item.fault is not None:
        return
    entries = [
        Incoming(piece.sha256, piece.name, item.job.tags, piece.size, pages=piece.pages)
        for piece in item.inside
    ]
    claims = documents.unpack(database, row, entries, owner=owner, now=now, lease_s=LEASE_S)
    item.held = claims is not None
    item.pieces = tuple(zip(item.inside, claims, strict=True)) if claims else ()


def hand_out(
    items: Iterable[Item], database: Database, folders: Folders, spool: Spool
) -> Iterator[Job]:
    """Move the pieces to where they are worked on; yield the new documents."""
    known: list[str] = []
    for item in items:
        for piece, claim in item.pieces or ():
            if claim.status not in (ClaimStatus.NEW, ClaimStatus.RESUMED):
                known.append(piece.sha256)
                continue
            number, name = claim.document_id, claim.name
            target = folders.in_work(number, name)
            if not folders.held(number):
                documents.relocate(database, number, folders.relative(target))
                spool.hand_out(piece.sha256, target)
                forget_failure(folders, claim.location)
            parent, cut = item.job.document_id, piece.pages is not None
            yield Job(number, name, item.job.tags, target, piece.sha256, parent, cut=cut)
    for sha256 in known:
        spool.drop(sha256)
