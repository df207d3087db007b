"""What is looked up of a document to show it, so that a page built ahead can be checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from db import documents
from db.beside import Beside, beside
from db.database import Database
from db.documents import StoredDocument
from doctally.pages import Page


@dataclass(frozen=True, slots=True)
class Case:
    """A document with its pages and what it was matched with."""

    found: StoredDocument
    pages: Sequence[Page]
    beside: Beside | None


def case_of(database: Database, document_id: int) -> Case:
    """Return a document's case; raises DoctallyError (no_such_document)."""
    return Case(
        documents.document(database, document_id),
        documents.pages(database, document_id),
        beside(database, document_id),
    )


def unchanged(database: Database, case: Case) -> bool:
    """Tell whether all is as it was; pages change with their document only."""
    number = case.found.summary.document_id
    same = documents.document(database, number) == case.found
    return same and beside(database, number) == case.beside
